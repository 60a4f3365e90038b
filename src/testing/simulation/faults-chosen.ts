import type { Random } from '../../core/clock.js';
import type { Fault } from '../../emulator/faults.js';
import type { LoggedRequest } from '../../emulator/request-log.js';
import { BASE_PATH } from '../../emulator/routes.js';
import type { EmulatedService } from '../../emulator/service.js';
import { faultsDrawn } from './faults-drawn.js';
import type { FaultRate } from './faults-drawn.js';
import type { SimulatedFault } from './faults-row.js';
import type { ServerRequest } from './host.js';
import type { WireFault } from './wire-fault.js';

/** Chooses the fault of each chat request, once, for both the network and the vendor. */
export class FaultChoice {
  readonly met = new Map<number, number>();
  private readonly scripted: (SimulatedFault | undefined)[] = [];
  private readonly draw: () => SimulatedFault | undefined;
  private readonly ofRequests = new WeakMap<ServerRequest, SimulatedFault>();
  private readonly ofLogged = new WeakMap<LoggedRequest, SimulatedFault>();

  constructor(
    rate: FaultRate,
    private readonly random: Random,
  ) {
    this.draw = faultsDrawn(rate, random);
  }

  script(faults: readonly (SimulatedFault | undefined)[]): void {
    this.scripted.push(...faults);
  }

  /** The failure of the network that a request meets. */
  onConnection(request: ServerRequest): WireFault | undefined {
    if (request.url.pathname !== `${BASE_PATH}/chat/completions`) return undefined;
    const fault = this.scripted.length > 0 ? this.scripted.shift() : this.draw();
    if (fault === undefined) return undefined;
    this.ofRequests.set(request, fault);
    const wire = fault.wire?.(this.random);
    // A broken body is met only by an answer that has one.
    if (wire !== undefined && wire.at !== 'body') this.count(fault);
    return wire;
  }

  /** Serves a request. The log's entry, which is there as soon as the service is called, is tied to the request's fault. */
  during(request: ServerRequest, { requests }: EmulatedService, work: () => Promise<void>): Promise<void> {
    const before = requests.length;
    const served = work();
    const [fault, logged] = [this.ofRequests.get(request), requests[before]];
    if (fault !== undefined && logged !== undefined) this.ofLogged.set(logged, fault);
    return served;
  }

  /** The misbehaviour of the vendor that an admitted request meets. */
  onAdmission(logged: LoggedRequest, now: number): Fault | undefined {
    const fault = this.ofLogged.get(logged);
    if (fault === undefined) return undefined;
    this.count(fault);
    return fault.vendor?.(this.random, now);
  }

  private count({ row }: SimulatedFault): void {
    this.met.set(row, (this.met.get(row) ?? 0) + 1);
  }
}
