import type { JournalAttempt } from '../journal/item.js';
import type { Sql } from './sql.js';

interface AttemptRow extends Pick<JournalAttempt, 'generation' | 'attempt' | 'outcome'> {
  readonly record: string;
}

const ATTEMPTS = 'SELECT generation, attempt, outcome, record FROM attempts WHERE item = ? ORDER BY place';

/** The attempts of an item, in the order in which they began. */
export function attemptsOf(sql: Sql, item: number): readonly JournalAttempt[] {
  return sql
    .all<AttemptRow>(ATTEMPTS, item)
    .map(({ record, ...columns }) => ({ ...(JSON.parse(record) as JournalAttempt), ...columns }));
}
