import type { NothingToClaim } from '../journal/journal.js';
import type { Sql } from './sql.js';
import { findRun } from './run-row.js';
import type { RunRow } from './run-row.js';

type AskedRun = Pick<RunRow, 'key' | 'state' | 'leased'>;

const OPEN = `SELECT key, state, leased FROM runs WHERE state = 'running' OR leased > 0`;
const PUT_OFF = `SELECT until FROM items INDEXED BY items_put_off
  WHERE run = ? AND state <> 'leased' AND until > ? ORDER BY until LIMIT 1`;
const LEASED = `SELECT MIN(until) AS until FROM items WHERE run = ? AND state = 'leased' AND until > ?`;

/** When to ask again if nothing can be claimed. @param name the id of a run; all runs if left out */
export function nothingToClaim(sql: Sql, name: string | undefined, now: number): NothingToClaim {
  const runs = name === undefined ? sql.all<AskedRun>(OPEN) : [findRun(sql, name)];
  const times = runs.filter(({ state }) => state === 'running').flatMap((run) => nextTimes(sql, run, now));
  return {
    type: 'nothing',
    ...(times.length === 0 ? {} : { retryInMs: Math.min(...times) - now }),
    isBusy: runs.some(({ leased }) => leased > 0),
  };
}

function nextTimes(sql: Sql, { key }: AskedRun, now: number): readonly number[] {
  return [PUT_OFF, LEASED].flatMap((query) => {
    const until = sql.one<{ readonly until: number | null }>(query, key, now)?.until ?? null;
    return until === null ? [] : [until];
  });
}
