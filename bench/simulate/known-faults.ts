import { SIMULATED_FAULTS } from '../../src/testing/simulation/faults.js';
import type { FaultRow } from './requirements.js';

/** The rows of docs/faults.md that a full run must meet, each once. */
export const FAULT_ROWS: readonly FaultRow[] = SIMULATED_FAULTS.filter(
  ({ row }, index) => SIMULATED_FAULTS.findIndex((other) => other.row === row) === index,
);
