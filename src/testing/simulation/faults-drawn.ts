import type { Random } from '../../core/clock.js';
import { SIMULATED_FAULTS } from './faults.js';
import type { SimulatedFault } from './faults-row.js';

const KNOWN_ROWS: ReadonlySet<number> = new Set(SIMULATED_FAULTS.map(({ row }) => row));

/** How often requests meet a fault, and which. */
export interface FaultRate {
  /** The share of chat requests that meet a fault, 0 to 1. */
  readonly rate: number;
  /** The rows to draw from, each as likely as the others; all by default. */
  readonly rows?: readonly number[];
}

/**
 * Returns a function that draws the fault of one request, or none.
 * @throws RangeError for a rate beyond 0 to 1, or a row that is not simulated
 */
export function faultsDrawn({ rate, rows }: FaultRate, random: Random): () => SimulatedFault | undefined {
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`faults.rate is ${rate}; expected a number from 0 to 1.`);
  const drawn = (rows ?? [...KNOWN_ROWS]).map((row) => {
    if (!KNOWN_ROWS.has(row))
      throw new RangeError(`Row ${row} is not simulated. Take some of: ${[...KNOWN_ROWS].join(', ')}.`);
    return SIMULATED_FAULTS.filter((fault) => fault.row === row);
  });
  return () => {
    if (random() >= rate) return undefined;
    const faults = drawn[Math.floor(random() * drawn.length)] ?? [];
    return faults[Math.floor(random() * faults.length)];
  };
}
