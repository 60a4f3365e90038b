import { join } from 'node:path';
import { loadLibsql } from '../../plugins/runs/sqlite/libsql.js';
import { cpuOf } from '../kit/cpu.js';

/** Microseconds of CPU of a transaction in SQLite that inserts one row of 1 KB. */
export interface Floor {
  /** Without a flush, as a checkpoint is written. */
  readonly lazyUs: number;
  /** With a flush of the disk, as a commit is written. */
  readonly fullUs: number;
}

const ROUNDS = 1_000;
const KILOBYTE = 'x'.repeat(1_024);

/** Measures what no journal in SQLite can go below in this folder. */
export async function floorOf(folder: string): Promise<Floor> {
  const database = new (await loadLibsql())(join(folder, 'floor.db'));
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('CREATE TABLE rows (key INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT');
  const statements = ['BEGIN IMMEDIATE', 'INSERT INTO rows (text) VALUES (?)', 'COMMIT'] as const;
  const [begin, insert, commit] = statements.map((sql) => database.prepare(sql));
  const transactions = async (synchronous: 'NORMAL' | 'FULL'): Promise<number> => {
    database.exec(`PRAGMA synchronous = ${synchronous}`);
    const all = await cpuOf(() => {
      for (let round = 0; round < ROUNDS; round += 1) {
        begin?.run([]);
        insert?.run([KILOBYTE]);
        commit?.run([]);
      }
      return Promise.resolve();
    });
    return all / ROUNDS;
  };
  await transactions('NORMAL'); // warms up
  const floor = { lazyUs: await transactions('NORMAL'), fullUs: await transactions('FULL') };
  database.close();
  return floor;
}
