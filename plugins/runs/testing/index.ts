/** The test kit of durable runs: the contract of a journal, and a journal in memory. */

export { memoryJournal } from '../memory/memory-journal.js';
export type { JournalParts } from '../memory/memory-journal.js';
