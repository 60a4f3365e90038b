import type { FaultRow } from './requirements.js';

/** The rows of docs/faults.md that a full run must meet. */
export const FAULT_ROWS: readonly FaultRow[] = [];
