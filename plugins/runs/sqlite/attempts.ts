import type { JournalAttempt } from '../journal/item.js';
import type { Sql } from './sql.js';

/** What is kept of an attempt as JSON. */
type AttemptRest = Pick<JournalAttempt, 'provider' | 'model' | 'usage'>;

interface AttemptRow extends Omit<JournalAttempt, keyof AttemptRest> {
  readonly record: string;
}

const ATTEMPTS = 'SELECT generation, attempt, outcome, record FROM attempts WHERE item = ? ORDER BY place';

/** The attempts of an item, in the order in which they began. */
export function attemptsOf(sql: Sql, item: number): readonly JournalAttempt[] {
  return sql
    .all<AttemptRow>(ATTEMPTS, item)
    .map(({ record, ...columns }) => ({ ...(JSON.parse(record) as AttemptRest), ...columns }));
}
