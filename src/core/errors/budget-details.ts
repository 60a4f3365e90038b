/** The scope of a budget. */
export type BudgetScope = 'generation' | 'label' | 'account' | 'process' | 'day';

/** The budget that an attempt would exceed. Amounts are in `unit`. */
export interface BudgetDetails {
  readonly scope: BudgetScope;
  /** The value of the label, such as the book, if the scope is `label`. */
  readonly labelValue?: string;
  /** The name of the account, such as `key/ada`, and the time for which its limit holds, if the scope is `account`. */
  readonly account?: string;
  readonly period?: 'day' | 'month' | 'total';
  readonly unit: 'usd' | 'tokens';
  readonly limit: number;
  readonly spent: number;
  /** Held by attempts that are under way, or whose cost is not known yet. */
  readonly reserved: number;
  /** The most that the attempt could use; 0 if that is not known. */
  readonly needed: number;
}
