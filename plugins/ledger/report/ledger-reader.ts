import { ATTEMPTS, conditionOf, GENERATIONS, keyOf } from './dimension.js';
import type { ColumnDimension, Dialect, Dimension, Filter, Rows } from './dimension.js';
import { NO_FIGURES, NO_PERCENTILES } from './figures.js';
import type { Figures, Percentiles } from './figures.js';

/** What has one place under the dimensions: the value of each, null where a row has none. */
export interface Group {
  readonly key: readonly (string | number | null)[];
  readonly figures: Figures;
}

/** Where a ledger is read. Statements have `?` for their values. */
export interface LedgerTables {
  readonly dialect: Dialect;
  all(sql: string, ...values: readonly (string | number)[]): readonly unknown[] | Promise<readonly unknown[]>;
}

const count = (condition: string, name: string): string => `COUNT(*) FILTER (WHERE ${condition}) AS "${name}"`;
const SOURCES = ['reported', 'estimated', 'unmeasured'];
const ATTEMPT_SUMS = [
  'COUNT(*) AS attempts',
  count('attempt > 1', 'retries'),
  count('sent = 0', 'unsent'),
  ...SOURCES.map((source) => count(`sent = 1 AND source = '${source}'`, source)),
  'SUM(input_tokens) AS prompt',
  'SUM(output_tokens) AS completion',
  'SUM(cached_input_tokens) AS cached',
  'SUM(cache_write_tokens) AS "cacheWrite"',
  'SUM(reasoning_tokens) AS reasoning',
  // A sum may be more than a number holds exactly.
  'CAST(SUM(cost_pico) AS TEXT) AS known',
  'CAST(SUM(estimated_cost_pico) AS TEXT) AS "estimatedCost"',
  count('cost_pico IS NULL AND estimated_cost_pico IS NULL', 'unmeasuredCost'),
];
const GENERATION_SUMS = [
  'COUNT(*) AS requests',
  ...[
    ['successful', 'success'],
    ['failed', 'error'],
    ['cancelled', 'cancelled'],
  ].map(([name = '', outcome]) => count(`outcome = '${outcome}'`, name)),
];

type SumRow = Readonly<Record<string, number>> & { readonly place: string };
type AttemptRow = SumRow & { readonly known: string | null; readonly estimatedCost: string | null };

/** Reads figures out of a ledger, of everything that passes the filters. */
export class LedgerReader {
  constructor(
    private readonly tables: LedgerTables,
    private readonly where: readonly Filter[] = [],
  ) {}

  /** The first and last time at which anything began, from a time on. */
  async span(since: number): Promise<{ readonly first: number; readonly last: number } | undefined> {
    const [generations, attempts] = [this.condition(GENERATIONS, since), this.condition(ATTEMPTS, since)];
    const [row] = await this.tables.all(
      `
      SELECT MIN(started_at) AS first, MAX(started_at) AS last
      FROM (SELECT started_at FROM generations WHERE ${generations.sql} UNION ALL SELECT started_at FROM attempts WHERE ${attempts.sql}) AS started`,
      ...generations.values,
      ...attempts.values,
    );
    const { first, last } = row as { readonly first: number | null; readonly last: number | null };
    return first === null || last === null ? undefined : { first, last };
  }

  /** The names of labels, the most frequent first. */
  async labelNames(since: number): Promise<readonly string[]> {
    const { sql, values } = this.condition(GENERATIONS, since);
    const rows = await this.tables.all(
      `
      SELECT labels.name AS name FROM labels JOIN generations ON generations.id = labels.generation_id AND labels.attempt = 0
      WHERE ${sql} GROUP BY labels.name ORDER BY COUNT(*) DESC, labels.name`,
      ...values,
    );
    return (rows as readonly { readonly name: string }[]).map(({ name }) => name);
  }

  /** The figures of everything that began from a time on, by dimensions; in no order. `labels` can only be the first of them. */
  async groups([first, ...others]: readonly Dimension[], since: number): Promise<readonly Group[]> {
    const rest = others.filter((other) => other.kind !== 'labels');
    if (first?.kind !== 'labels') return this.columns(first === undefined ? rest : [first, ...rest], since);
    const groups: Group[] = [];
    for (const name of await this.labelNames(since))
      for (const { key, figures } of await this.columns([{ kind: 'label', name }, ...rest], since)) {
        const [value = null, ...places] = key;
        if (value !== null) groups.push({ key: [`${name}=${value}`, ...places], figures });
      }
    return groups;
  }

  private async columns(dimensions: readonly ColumnDimension[], since: number): Promise<readonly Group[]> {
    const all = new Map<string, Figures>();
    const add = (place: string, part: Partial<Figures>): void =>
      void all.set(place, { ...(all.get(place) ?? NO_FIGURES), ...part });
    for (const row of await this.sums(ATTEMPTS, dimensions, since)) add(row.place, attemptFigures(row as AttemptRow));
    for (const { place, requests = 0, successful = 0, failed = 0, cancelled = 0 } of await this.sums(
      GENERATIONS,
      dimensions,
      since,
    ))
      add(place, { requests, successful, failed, cancelled });
    for (const [place, latencyMs] of await this.percentiles('latency_ms', dimensions, since)) add(place, { latencyMs });
    for (const [place, timeToFirstTokenMs] of await this.percentiles('time_to_first_token_ms', dimensions, since))
      add(place, { timeToFirstTokenMs });
    return [...all].map(([place, figures]) => ({ key: JSON.parse(place) as Group['key'], figures }));
  }

  private async sums(rows: Rows, dimensions: readonly ColumnDimension[], since: number): Promise<readonly SumRow[]> {
    const key = keyOf(dimensions, rows, this.tables.dialect);
    const sums = rows.table === 'attempts' ? ATTEMPT_SUMS : GENERATION_SUMS;
    const { sql, values } = this.condition(rows, since);
    return (await this.tables.all(
      `SELECT ${key.sql} AS place, ${sums.join(', ')} FROM ${rows.table} WHERE ${sql} GROUP BY place`,
      ...key.values,
      ...values,
    )) as readonly SumRow[];
  }

  private async percentiles(
    column: string,
    dimensions: readonly ColumnDimension[],
    since: number,
  ): Promise<readonly (readonly [string, Percentiles])[]> {
    const key = keyOf(dimensions, GENERATIONS, this.tables.dialect);
    const { sql, values } = this.condition(GENERATIONS, since);
    const rows = (await this.tables.all(
      `
      WITH measured AS (SELECT ${key.sql} AS place, ${column} AS ms FROM generations WHERE ${sql} AND outcome = 'success' AND ${column} IS NOT NULL),
        ranked AS (SELECT place, ms, ROW_NUMBER() OVER (PARTITION BY place ORDER BY ms) AS rank, COUNT(*) OVER (PARTITION BY place) AS count FROM measured)
      SELECT place, count, ${[50, 90, 99].map((percent) => `MAX(CASE WHEN rank = (count * ${percent} + 99) / 100 THEN ms END) AS p${percent}`).join(', ')}, MAX(ms) AS max
      FROM ranked GROUP BY place, count`,
      ...key.values,
      ...values,
    )) as readonly (Percentiles & { readonly place: string })[];
    return rows.map(({ place, ...percentiles }) => [place, { ...NO_PERCENTILES, ...percentiles }]);
  }

  private condition(rows: Rows, since: number): ReturnType<typeof conditionOf> {
    return conditionOf({ since, where: this.where }, rows, this.tables.dialect);
  }
}

function attemptFigures(row: AttemptRow): Partial<Figures> {
  const { attempts = 0, retries = 0, reported = 0, estimated = 0, unmeasured = 0, unsent = 0 } = row;
  const { prompt = 0, completion = 0, cached = 0, cacheWrite = 0, reasoning = 0 } = row;
  return {
    attempts,
    retries,
    attemptsBySource: { reported, estimated, unmeasured, unsent },
    tokens: { prompt, completion, total: prompt + completion, cached, cacheWrite, reasoning },
    cost: {
      known: BigInt(row.known ?? '0'),
      estimated: BigInt(row.estimatedCost ?? '0'),
      unmeasuredAttempts: row['unmeasuredCost'] ?? 0,
    },
  };
}
