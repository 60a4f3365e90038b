import { guardAgainstReality } from './guard.js';
import { rxjsOn } from './rxjs-time.js';
import { SimulatedWorld } from './world.js';
import type { World, WorldOptions } from './world.js';

/** The result of a simulation. */
export interface Simulated<T> {
  readonly value: T;
  /** Virtual milliseconds from the start to the end. */
  readonly elapsedMs: number;
  /** Events that happened. */
  readonly events: number;
  /** SHA-256 of the trace: equal for equal runs. */
  readonly digest: string;
}

let isRunning = false;

/**
 * Runs a scenario in a world of its own: on a clock that jumps from event to event, and a network in memory. The seed
 * decides everything, so a failure can be repeated. One simulation runs at a time.
 * @throws SimulationError if an invariant was violated, the scenario waits for something that never comes, or anything
 * used the machine's time or chance
 * @see docs/simulation.md
 * @example
 * const { elapsedMs } = await simulate({ seed: 7 }, async (world) => {
 *   const vendor = emulatedVendor(world);
 *   const writer = await world.process('writer', { plugins: [vendorPlugin(vendor.url)] });
 *   const request = { model: 'scriptorium/exact', messages: [{ role: 'user', content: 'Begin.' }] } as const;
 *   const { text } = await writer.pipeline.generate(request);
 *   world.check(text === vendor.textFor(request), 'The text is not whole.');
 * });
 */
export async function simulate<T>(
  options: WorldOptions,
  scenario: (world: World) => Promise<T>,
): Promise<Simulated<T>> {
  // Objects load it on first use, which would take real time within a world.
  await Promise.all([import('ajv'), import('ajv/dist/2020.js')]);
  if (isRunning) throw new Error('A simulation is running already. Await it before the next one.');
  const world = new SimulatedWorld(options);
  isRunning = true;
  const undo: (() => void)[] = [() => (isRunning = false)];
  try {
    undo.unshift(guardAgainstReality((message) => world.violation(message)));
    undo.unshift(
      rxjsOn({
        now: () => world.now(),
        monotonic: () => world.elapsedMs,
        setTimer: (ms, run) => world.at(ms, run),
      }),
    );
    const value = await world.drive(scenario);
    return { value, elapsedMs: world.elapsedMs, events: world.events, digest: world.digest };
  } finally {
    for (const step of undo) step();
  }
}
