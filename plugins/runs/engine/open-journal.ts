import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Clock } from 'scriptorium/plugin';
import type { Journal } from '../journal/journal.js';
import { RunError } from '../journal/run-error.js';
import { sqliteJournal } from '../sqlite/sqlite-journal.js';

/** A journal, and how to let go of it. */
export interface OpenJournal {
  readonly journal: Journal;
  readonly close: () => Promise<void>;
}

/** What a journal is opened with. */
export interface OpenJournalParts {
  readonly clock: Clock;
}

/** A module that opens journals of one kind. */
export interface JournalModule {
  /** @param address `postgres://user@host/database` @throws RunError */
  openJournal(address: string, parts: OpenJournalParts): Promise<OpenJournal>;
  /** Prepares the store, or brings it to the present version. Left out if it needs no preparation. @throws RunError */
  migrate?(address: string): Promise<JournalMigration>;
}

/** The versions of a journal before and after a migration; 0: it was not there. */
export interface JournalMigration {
  readonly from: number;
  readonly to: number;
}

const SQLITE = 'sqlite:';

/** The plugin that opens the journals of a scheme. It is loaded with the first such address. */
const MODULES: Readonly<Record<string, string>> = {
  'postgres:': 'scriptorium/plugins/postgres',
  'postgresql:': 'scriptorium/plugins/postgres',
};

/**
 * Opens a journal by its address, `sqlite:PATH` or `postgres://…`. A journal that is passed stays open.
 * @throws RunError `invalid-spec` if the address is of another kind
 */
export async function openJournal(given: unknown, parts: OpenJournalParts): Promise<OpenJournal> {
  if (typeof given === 'object' && given !== null) return { journal: given as Journal, close: () => Promise.resolve() };
  if (typeof given !== 'string') throw notAJournal(given);
  const module = await moduleOf(given);
  if (module !== undefined) return module.openJournal(given, parts);
  if (!given.startsWith(SQLITE) || given === SQLITE) throw notAJournal(given);
  const journal = await sqliteJournal(given.slice(SQLITE.length), parts);
  return { journal, close: () => journal.close() };
}

/**
 * Prepares a journal, or brings it to the present version. Undefined: journals of its kind need no preparation.
 * @throws RunError
 */
export async function migrateJournal(address: string): Promise<JournalMigration | undefined> {
  if (address.startsWith(SQLITE)) return undefined;
  const module = await moduleOf(address);
  if (module === undefined) throw notAJournal(address);
  return module.migrate?.(address);
}

async function moduleOf(address: string): Promise<JournalModule | undefined> {
  const module = MODULES[address.slice(0, address.indexOf(':') + 1)];
  return module === undefined ? undefined : ((await import(module)) as JournalModule);
}

/** Whether a journal can be used by the processes of one machine only. */
export function isOnThisMachine(address: string): boolean {
  return address.startsWith(SQLITE);
}

/** The file of a journal that is not there yet; undefined if it is, or if it is no file. */
export function missingFile(address: string): string | undefined {
  if (!address.startsWith(SQLITE)) return undefined;
  const path = address.slice(SQLITE.length);
  return existsSync(resolve(path)) ? undefined : path;
}

/** The address may hold a password. */
function notAJournal(given: unknown): RunError {
  return new RunError(
    'invalid-spec',
    `journal is ${String(given).replace(/\/\/[^@/]*@/, '//…@')}, but must be a journal, "sqlite:PATH" or "postgres://USER@HOST/DATABASE".`,
  );
}
