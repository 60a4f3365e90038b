import { CLAIMS } from './claims.js';
import { COPIES } from './copies.js';
import { ITEMS } from './items.js';
import { RUNS } from './runs.js';
import { TABLES } from './tables.js';
import { WRITES } from './writes.js';

/** A step to the next version of the schema. A step that has been released is never changed. */
export interface SchemaVersion {
  /** The oldest version of the program's schema whose calls still work on it, so that workers can be replaced one by one. */
  readonly oldest: number;
  /** For the schema `scriptorium`. */
  readonly script: string;
}

/** All versions, from 1. The writes of a journal are functions of the schema, so all workers follow the same rules. */
export const VERSIONS: readonly SchemaVersion[] = [
  { oldest: 1, script: [TABLES, ITEMS, WRITES, RUNS, CLAIMS, COPIES].join('\n') },
];

/** The script of a version for a schema of another name. */
export function scriptFor(schema: string, { script }: SchemaVersion): string {
  return script.replaceAll('scriptorium.', `${schema}.`);
}
