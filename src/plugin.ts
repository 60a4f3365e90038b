/**
 * The entry for authors of plugins: the manifest, formats of its configuration, and helpers for interceptors, sinks and
 * transports. Errors, context keys and tokens come from `scriptorium`, the kit for providers from `scriptorium/provider`.
 */

export type * from './contract.js';

// Plugin
export { definePlugin, PLUGIN_API_VERSION } from './plugin-api/plugin.js';
export type { PluginManifest } from './plugin-api/plugin.js';
export { systemClock } from './core/clock.js';

// Formats of its configuration
export {
  baseUrl,
  between,
  either,
  flag,
  headerValue,
  list,
  milliseconds,
  modelName,
  oneOf,
  record,
  routeList,
  secret,
  secrets,
  text,
  whole,
} from './config/formats.js';

// Interceptors and transports: the commit point, the monitor of an attempt, foreign errors
export { isCommitPoint } from './core/events.js';
export { ACCOUNT_BUDGETS } from './core/account-budgets.js';
export { MAY_RESTART } from './core/continuation.js';
export { ATTEMPT_NUMBER } from './core/attempt-number.js';
export { ATTEMPT_MONITOR, monitorAfter } from './core/monitor.js';
export { ERROR_CODES } from './core/errors/codes.js';
export { toGenerationError } from './core/errors/classify.js';
export { isInterimStatus, noFinalAnswer } from './core/errors/no-final-answer.js';

// Texts for a terminal
export { columnsOf } from './shown/columns.js';
export { shown, shownJson, shownLine, shownText } from './shown/shown-text.js';
export type { Shown } from './shown/shown-text.js';
export { cutToWidth, widthOf } from './shown/width.js';
export { didYouMean } from './core/util/nearest.js';

// Limits
export { strictestLimits } from './chain/admit/strictest-limits.js';
export type { MemberLimits } from './chain/admit/strictest-limits.js';

// Files
export { makeFolder } from './files/make-folder.js';
export { replaceFile } from './files/whole-file.js';
export type { FileContent } from './files/whole-file.js';

// Sinks
export { batched } from './stats/batch-queue.js';
export type { Batched, BatchedOptions } from './stats/batched.js';
export { sumCost, sumUsage } from './core/usage.js';
