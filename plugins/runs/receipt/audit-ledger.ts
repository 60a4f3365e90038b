import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Usage } from 'scriptorium';
import type { ItemRecord, JournalAttempt } from '../journal/item.js';
import { RunError } from '../journal/run-error.js';
import type { RunStatus } from '../journal/run-status.js';
import { loadLibsql } from '../sqlite/libsql.js';
import type { Database } from '../sqlite/libsql.js';
import { picoDollars } from '../sqlite/pico-dollars.js';
import type { Auditor } from './auditor.js';
import { Findings } from './finding.js';
import type { Finding } from './finding.js';
import { unreadable } from './read-json.js';

/** An attempt in the ledger. Costs are in pico-dollars. */
interface LedgerRow {
  readonly generation: string;
  readonly attempt: number;
  readonly provider: string;
  readonly model: string;
  readonly outcome: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost: number | null;
  readonly estimatedCost: number | null;
}

/** What a vendor says later replaces the figures of an attempt; the journal has those of its end. */
const ATTEMPTS = `
  SELECT generation_id AS generation, attempt, provider, model, outcome,
    COALESCE(replaced_input_tokens, attempts.input_tokens) AS "inputTokens",
    COALESCE(replaced_output_tokens, attempts.output_tokens) AS "outputTokens",
    CASE WHEN replaced_source IS NULL THEN attempts.cost_pico ELSE replaced_cost_pico END AS cost,
    CASE WHEN replaced_source IS NULL THEN attempts.estimated_cost_pico ELSE replaced_estimated_cost_pico END AS "estimatedCost"
  FROM attempts LEFT JOIN reconciliations USING (generation_id, attempt)
  WHERE generation_id >= ? AND generation_id < ?`;

/** Compares the attempts of a run with those that the plugin `ledger` has recorded. */
export class LedgerAudit implements Auditor {
  private readonly found: Finding[] = [];
  private readonly left: Map<string, LedgerRow>;

  constructor(
    private readonly file: string,
    rows: readonly LedgerRow[],
  ) {
    this.left = new Map(rows.map((row) => [nameOf(row), row]));
  }

  /**
   * @param ledger a file, or an address on PostgreSQL
   * @throws RunError `invalid-spec` if it is not a ledger; `unavailable` if a package is missing, or the server does not answer
   */
  static async open(ledger: string, run: string): Promise<LedgerAudit> {
    // The ids of generations begin with the run's id and a slash; "0" is the character after it.
    const range = [`${run}/`, `${run}0`] as const;
    return POSTGRES.test(ledger) ? await inTables(ledger, range) : await inFile(ledger, range);
  }

  take({ run, item, records }: ItemRecord): void {
    const findings = new Findings({ run, item, file: this.file });
    for (const attempt of records) {
      const row = this.left.get(nameOf(attempt));
      this.left.delete(nameOf(attempt));
      // The process of a running or lost attempt has not recorded its end.
      if (attempt.outcome === 'running' || attempt.outcome === 'lost') continue;
      if (row === undefined) findings.add({ field: 'attempt', expected: nameOf(attempt), by: 'the journal' });
      else compare(row, attempt, findings);
    }
    this.found.push(...findings.all);
  }

  end({ id: run }: RunStatus): readonly Finding[] {
    const surplus = [...this.left.keys()].map((found) => ({
      run,
      file: this.file,
      field: 'attempt',
      found,
      by: 'the journal, which does not have it',
    }));
    return [...this.found, ...surplus];
  }
}

const WAIT_MS = 5_000;
const POSTGRES = /^postgres(ql)?:/;
/** The plugin that opens a ledger on PostgreSQL, for its name. It is loaded with the first such address. */
const MODULE: string = 'scriptorium/plugins/ledger';

interface LedgerModule {
  readonly readLedger: (
    address: string,
    sql: string,
    values: readonly string[],
  ) => Promise<{ readonly name: string; readonly rows: readonly unknown[] }>;
}

type Range = readonly [from: string, to: string];

async function inTables(address: string, range: Range): Promise<LedgerAudit> {
  const { readLedger } = (await import(MODULE)) as LedgerModule;
  try {
    const { name, rows } = await readLedger(address, ATTEMPTS, range);
    return new LedgerAudit(name, rows as readonly LedgerRow[]);
  } catch (error) {
    throw new RunError('unavailable', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function inFile(file: string, range: Range): Promise<LedgerAudit> {
  const Libsql = await loadLibsql();
  if (!existsSync(file)) throw unreadable(file, new Error('it does not exist'));
  let database: Database | undefined;
  try {
    database = new Libsql(`${pathToFileURL(resolve(file)).href}?mode=ro`, { timeout: WAIT_MS });
    return new LedgerAudit(file, database.prepare(ATTEMPTS).all([...range]) as readonly LedgerRow[]);
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    database?.close();
  }
}

function compare(row: LedgerRow, attempt: JournalAttempt, findings: Findings): void {
  const { provider, model, outcome, usage } = attempt;
  const expected = { provider, model, outcome, ...figuresOf(usage) };
  for (const field of Object.keys(expected) as (keyof typeof expected)[])
    findings.compare({
      field: `attempt ${nameOf(attempt)}: ${field}`,
      found: row[field],
      expected: expected[field],
      by: 'the journal',
    });
}

function figuresOf({ inputTokens, outputTokens, costUsd, estimatedCostUsd }: Usage) {
  const pico = (usd: number | undefined): number | null => (usd === undefined ? null : picoDollars(usd));
  return {
    inputTokens: Math.round(inputTokens),
    outputTokens: Math.round(outputTokens),
    cost: pico(costUsd),
    estimatedCost: costUsd === undefined ? pico(estimatedCostUsd) : null,
  };
}

function nameOf({ generation, attempt }: { readonly generation: string; readonly attempt: number }): string {
  return `${generation}#${attempt}`;
}
