import type { Bindable, Database, Statement } from './libsql.js';

/** The statements of one connection. Each is prepared once, so their texts must be constants. */
export class Sql {
  private readonly statements = new Map<string, Statement>();

  constructor(private readonly database: Database) {}

  /** All rows of a statement. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the type of a row stands beside its statement
  all<Row>(sql: string, ...values: readonly Bindable[]): readonly Row[] {
    return this.prepared(sql).all(values) as Row[];
  }

  /** The first row of a statement that returns at most a few. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the type of a row stands beside its statement
  one<Row>(sql: string, ...values: readonly Bindable[]): Row | undefined {
    return this.prepared(sql).all(values)[0] as Row | undefined;
  }

  /** Runs a statement without rows; one with `RETURNING` would stay open. Returns the number of changed rows. */
  run(sql: string, ...values: readonly Bindable[]): number {
    return this.prepared(sql).run(values).changes;
  }

  private prepared(sql: string): Statement {
    const known = this.statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.database.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }
}
