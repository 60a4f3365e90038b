import type { Random } from '../../core/clock.js';
import type { AfterDeltas, Fault } from '../../emulator/faults.js';
import { wholeNumber } from './seeded.js';
import type { WireFault } from './wire-fault.js';

/** One thing that can go wrong with an exchange, as it shows above a transport. */
export interface SimulatedFault {
  /** Its row in `docs/faults.md`. Several faults may share one. */
  readonly row: number;
  readonly title: string;
  /** The failure of the network. */
  readonly wire?: (random: Random) => WireFault;
  /** The misbehaviour of the vendor. `now`: epoch milliseconds by the vendor's clock. */
  readonly vendor?: (random: Random, now: number) => Fault;
}

const MOST_DELTAS = 40;
/** About 40 deltas, each in an event of its own. */
const MOST_BYTES = 8_000;
/** The first event of an answer is complete. */
const FIRST_BYTES = 400;
/** How often a fault strikes before the first text, if it can strike anywhere. */
const EARLY = 0.25;

/** A place in a stream, one time in four before the first text. */
export function anywhere(random: Random): AfterDeltas {
  return random() < EARLY ? { afterDeltas: 0 } : later(random);
}

/** A place in a stream after some text. */
export function later(random: Random): AfterDeltas {
  return { afterDeltas: wholeNumber(random, 1, MOST_DELTAS) };
}

/** A failure of the network within the body, one time in four before the first text. */
export function anywhereInBody(code: string): (random: Random) => WireFault {
  return (random) => ({
    at: 'body',
    code,
    afterBytes: random() < EARLY ? 0 : wholeNumber(random, FIRST_BYTES, MOST_BYTES),
  });
}
