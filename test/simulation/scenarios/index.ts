import type { Scenario } from '../scene.js';
import { accounts } from './accounts.js';
import { breakers, probes } from './breakers.js';
import { budgets } from './budgets.js';
import { dayChange, month } from './days.js';
import { clocks } from './clocks.js';
import { continuations } from './continuations.js';
import { cancellation, disposal } from './endings.js';
import { fleet } from './fleet.js';
import { hostile } from './hostile.js';
import { crowd, tokensPerMinute } from './limits.js';
import { oneMachine } from './one-machine.js';
import { outages } from './outages.js';
import { ports } from './ports.js';
import { refusals } from './refusals.js';
import { runs, runsBudget, runsKilled, runsQuota } from './runs.js';
import { shared, twoPipelines } from './shared.js';
import { slowReaders } from './slow-readers.js';
import { breaks, storm } from './storm.js';
import { strangers } from './strangers.js';
import { variety } from './variety.js';

/** All scenarios, in the order of the tables. */
export const SCENARIOS: readonly Scenario[] = [
  storm,
  breaks,
  outages,
  refusals,
  crowd,
  tokensPerMinute,
  dayChange,
  month,
  budgets,
  accounts,
  breakers,
  probes,
  cancellation,
  slowReaders,
  disposal,
  ports,
  shared,
  twoPipelines,
  oneMachine,
  clocks,
  variety,
  hostile,
  strangers,
  continuations,
  runs,
  runsKilled,
  runsQuota,
  runsBudget,
  fleet,
];
