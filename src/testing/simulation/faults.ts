import { BODY_FAULTS } from './faults-bodies.js';
import { CONNECTING_FAULTS } from './faults-connecting.js';
import { CONTENT_FAULTS } from './faults-content.js';
import { REFUSAL_FAULTS } from './faults-refusals.js';
import type { SimulatedFault } from './faults-row.js';

/**
 * The faults of `docs/faults.md` that show above a transport. The network splits and joins bytes by itself (rows 59 to
 * 69). Cancellation, clocks and breakers (from row 94) are scenarios. Rows 35, 70 to 72 are about megabytes, rows 14 and 52
 * to 55 about the work of a transport, and row 92 doubles text on purpose.
 */
export const SIMULATED_FAULTS: readonly SimulatedFault[] = [
  ...CONNECTING_FAULTS,
  ...REFUSAL_FAULTS,
  ...BODY_FAULTS,
  ...CONTENT_FAULTS,
];
