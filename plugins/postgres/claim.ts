import { dollarsOf, isProcessAlive, thisProcess } from 'scriptorium/plugins/runs';
import type { Claim, ClaimedItem, ClaimQuery, ItemInput, RunLimits, Worker } from 'scriptorium/plugins/runs';
import type { Database } from './database.js';
import { parsed } from './json.js';

interface ClaimRow {
  /** Workers of this machine that were not asked for yet. Nothing was claimed if there are any. */
  readonly o_strangers: readonly string[] | null;
  readonly o_run: string | null;
  readonly o_item: string;
  readonly o_epoch: number;
  readonly o_place: number;
  readonly o_input: string;
  readonly o_labels: string;
  readonly o_text: Buffer;
  readonly o_bytes: number;
  readonly o_tries: number;
  readonly o_restarts: number;
  readonly o_limits: RunLimits;
  readonly o_hold: number;
  readonly o_retry_ms: number | null;
  readonly o_is_busy: boolean;
}

const MOST_KNOWN = 1_000;

/**
 * Claims items. Only this process can find out which processes of its machine live, so it says which ones of those that it
 * knows do not. A claim is one round trip, and one more where another worker has come.
 */
export class Claims {
  private known = new Map<string, Worker>();
  private readonly isAlive: (worker: Worker) => boolean;

  constructor(
    private readonly database: Database,
    isAlive?: (worker: Worker) => boolean,
  ) {
    const here = thisProcess();
    this.isAlive = isAlive ?? ((worker) => isProcessAlive(worker, here));
  }

  async claim({ run, worker, leaseMs }: ClaimQuery): Promise<Claim> {
    const { schema } = this.database.address;
    const own = JSON.stringify(worker);
    for (;;) {
      const known = [...this.known].filter(([, { machine }]) => machine === worker.machine);
      const dead = known.filter(([, each]) => !this.isAlive(each)).map(([json]) => json);
      const row = await this.database.one<ClaimRow>(
        `SELECT * FROM ${schema}.claim($1, $2, $3, $4, $5, $6)`,
        run ?? null,
        own,
        worker.machine,
        Math.round(leaseMs),
        dead,
        known.map(([json]) => json),
      );
      if (row === undefined) throw new Error('The function "claim" of the schema returned nothing.');
      if (row.o_strangers === null) return claimOf(row);
      if (this.known.size > MOST_KNOWN) this.known = new Map();
      for (const json of row.o_strangers) this.known.set(json, parsed(json) as Worker);
    }
  }
}

function claimOf(row: ClaimRow): Claim {
  if (row.o_run !== null) return { type: 'item', item: itemOf(row, row.o_run) };
  return {
    type: 'nothing',
    ...(row.o_retry_ms === null ? {} : { retryInMs: row.o_retry_ms }),
    isBusy: row.o_is_busy,
  };
}

function itemOf(row: ClaimRow, run: string): ClaimedItem {
  return {
    lease: { run, item: row.o_item, epoch: row.o_epoch },
    index: row.o_place,
    input: parsed(row.o_input) as ItemInput,
    labels: parsed(row.o_labels) as Readonly<Record<string, string>>,
    text: row.o_text.toString('utf8'),
    bytes: row.o_bytes,
    tries: row.o_tries,
    restarts: row.o_restarts,
    limits: row.o_limits,
    ...(row.o_limits.budgetUsd === 0 ? {} : { holdUsd: dollarsOf(row.o_hold) }),
  };
}
