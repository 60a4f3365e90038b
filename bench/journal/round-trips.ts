import pg from 'pg';

/** Counts the questions to PostgreSQL while some work is done. */
export async function roundTripsOf<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly count: number }> {
  let count = 0;
  const query = Reflect.get(pg.Client.prototype, 'query') as (...args: readonly unknown[]) => unknown;
  Reflect.set(pg.Client.prototype, 'query', function (this: pg.Client, ...args: readonly unknown[]): unknown {
    count += 1;
    return Reflect.apply(query, this, args);
  });
  try {
    return { value: await work(), count };
  } finally {
    Reflect.set(pg.Client.prototype, 'query', query);
  }
}
