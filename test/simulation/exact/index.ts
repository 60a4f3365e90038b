import type { Scenario } from '../scene.js';
import { openings } from './breaking.js';
import { fullWindows, intervals, quotas } from './limits.js';
import { retries } from './retries.js';
import { spending } from './spending.js';
import { cuts, plain } from './splices.js';

/** Small worlds without chance, in which the right outcome is an exact number. */
export const EXACT: readonly Scenario[] = [plain, cuts, retries, openings, fullWindows, intervals, quotas, spending];
