/** The texts and the display of runs, for commands of applications that are built on them. */

export { LiveLines } from './live-lines.js';
export type { Terminal } from './live-lines.js';
export { say, wrapped } from './say.js';
export { counted, dollars, durationText, reasonText, timeText, untilText, whole } from './format.js';
export { table } from '../commands/table.js';
export type { Column } from '../commands/table.js';
export { quoted } from '../commands/work.js';
