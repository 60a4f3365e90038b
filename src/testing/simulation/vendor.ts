import type { ServiceOptions } from '../../emulator/options.js';
import { BASE_PATH } from '../../emulator/routes.js';
import { emulatedService } from '../../emulator/service.js';
import type { EmulatedVendor } from '../../emulator/service.js';
import { FaultChoice } from './faults-chosen.js';
import type { FaultRate } from './faults-drawn.js';
import type { SimulatedFault } from './faults-row.js';
import type { Host, Serve } from './host.js';
import { emulatorHost, emulatorRequest } from './vendor-host.js';
import { serverError } from './world.js';
import type { World } from './world.js';

/** How an emulated vendor in a world is set up: as the emulator, with a name, a clock and faults. */
export interface SimulatedVendorOptions extends ServiceOptions {
  /** Name of its host; `vendor.test` by default. */
  readonly name?: string;
  /** Milliseconds by which its wall clock is ahead of the world's; 0 by default. */
  readonly skewMs?: number;
  /** Bytes that may be under way to a client that does not read; the network's by default. */
  readonly windowBytes?: number;
  /** The pace of an answer, 50 by default; 0 takes no time at all. */
  readonly tokensPerSecond?: number;
  /** Faults that chat requests meet by chance; none by default. Other requests meet none. */
  readonly faults?: FaultRate;
}

/** A vendor in a world. */
export interface SimulatedVendor extends Omit<EmulatedVendor, 'script' | 'clear'> {
  /** The base URL, `https://NAME/api/v1`. */
  readonly url: string;
  /** The host that it runs on, to crash and to start again. */
  readonly host: Host;
  /** How many requests have met a fault, by its row. */
  readonly faultsMet: ReadonlyMap<number, number>;
  /** Gives the chat requests to come one fault each, in this order, in place of chance; undefined lets one pass. */
  script(...faults: readonly (SimulatedFault | undefined)[]): void;
}

/**
 * Adds a host to a world that serves the emulator's protocol on its own clock.
 * @throws RangeError for an option that makes no sense
 * @see docs/simulation.md
 * @example
 * const vendor = emulatedVendor(world, { limits: { requestsPerMinute: 20 }, faults: { rate: 0.3 } });
 * const writer = await world.process('writer', { plugins: [vendorPlugin(vendor.url)] });
 */
export function emulatedVendor(world: World, options: SimulatedVendorOptions = {}): SimulatedVendor {
  const { name = 'vendor.test', skewMs = 0, windowBytes, faults = { rate: 0 }, fault, ...own } = options;
  const chosen = new FaultChoice(faults, world.random(`faults of ${name}`));
  const host = world.host(name, (request, exchange) => serve(request, exchange), {
    skewMs,
    ...(windowBytes !== undefined && { windowBytes }),
    fault: (request) => chosen.onConnection(request),
  });
  const service = emulatedService(
    {
      tokensPerSecond: 50,
      ...own,
      fault: (logged, index) => chosen.onAdmission(logged, host.clock.now()) ?? fault?.(logged, index),
    },
    emulatorHost(host.clock, world.random(`vendor ${name}`), (error) => world.violation(serverError(error))),
  );
  const serve: Serve = (request, exchange) =>
    chosen.during(request, service, () => service.serve(emulatorRequest(request), exchange));
  return {
    url: `${host.url}${BASE_PATH}`,
    host,
    requests: service.requests,
    lookUps: service.lookUps,
    get books() {
      return service.books;
    },
    textFor: (request) => service.textFor(request),
    planted: (subject, section) => service.planted(subject, section),
    script: (...scripted) => chosen.script(scripted),
    faultsMet: chosen.met,
  };
}
