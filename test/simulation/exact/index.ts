import type { Scenario } from '../scene.js';
import { bills } from './bills.js';
import { budgeting } from './budgeting.js';
import { openings, verdicts } from './breaking.js';
import { circuits } from './circuits.js';
import { fullWindows, intervals, quotas, tokenWindows } from './limits.js';
import { retrying } from './retrying.js';
import { retries } from './retries.js';
import { splicing } from './splicing.js';
import { continuing } from './continuing.js';
import { resuming } from './resuming.js';
import { waiting } from './waiting.js';
import { stores } from './stores.js';
import { sharing } from './sharing.js';
import { spending } from './spending.js';
import { cuts, plain } from './splices.js';

/** Small worlds without chance, in which the right outcome is an exact number. */
export const EXACT: readonly Scenario[] = [
  plain,
  bills,
  splicing,
  resuming,
  continuing,
  cuts,
  retries,
  retrying,
  circuits,
  openings,
  verdicts,
  fullWindows,
  waiting,
  stores,
  intervals,
  quotas,
  tokenWindows,
  sharing,
  spending,
  budgeting,
];
