/** The test kit of durable runs: the contract of a journal, and a journal in memory. */

export { JOURNAL_PROMISES } from './contract/promises.js';
export type { JournalCheck, JournalWorld, MakeJournal } from './contract/scene.js';
export { checkHistory } from './check-history.js';
export type { FinalRun } from './check-history.js';
export { describeJournal } from './describe-journal.js';
export { History } from './history.js';
export type { HistoryCall, WriteMethod } from './history.js';
export { memoryJournal } from '../memory/memory-journal.js';
export type { JournalParts } from '../memory/memory-journal.js';
