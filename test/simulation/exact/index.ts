import type { Scenario } from '../scene.js';
import { openings, verdicts } from './breaking.js';
import { fullWindows, intervals, quotas, tokenWindows } from './limits.js';
import { retries } from './retries.js';
import { spending } from './spending.js';
import { cuts, plain } from './splices.js';

/** Small worlds without chance, in which the right outcome is an exact number. */
export const EXACT: readonly Scenario[] = [
  plain,
  cuts,
  retries,
  openings,
  verdicts,
  fullWindows,
  intervals,
  quotas,
  tokenWindows,
  spending,
];
