import type { Scenario } from '../scene.js';
import { breakers } from './breakers.js';
import { budgets } from './budgets.js';
import { dayChange, month } from './days.js';
import { clocks } from './clocks.js';
import { continuations } from './continuations.js';
import { cancellation, disposal, slowReaders } from './endings.js';
import { crowd, tokensPerMinute } from './limits.js';
import { outages } from './outages.js';
import { ports } from './ports.js';
import { shared, twoPipelines } from './shared.js';
import { breaks, storm } from './storm.js';
import { variety } from './variety.js';

/** All scenarios, in the order of the tables. */
export const SCENARIOS: readonly Scenario[] = [
  storm,
  breaks,
  outages,
  crowd,
  tokensPerMinute,
  dayChange,
  month,
  budgets,
  breakers,
  cancellation,
  slowReaders,
  disposal,
  ports,
  shared,
  twoPipelines,
  clocks,
  variety,
  continuations,
];
