/** The reasons for which a journal or a run refuses something. The list is closed. */
export const RUN_ERROR_CODES = [
  'lease-lost',
  'wrong-offset',
  'changed-spec',
  'invalid-spec',
  'unknown-run',
  'ended-run',
  'newer-journal',
  'unavailable',
] as const;

/** The code of a `RunError`. */
export type RunErrorCode = (typeof RUN_ERROR_CODES)[number];

/**
 * A refusal by a journal or a run.
 *
 * - `lease-lost`: another worker owns the item now, or it has ended. Abort its generation and write nothing.
 * - `wrong-offset`: a text was appended that does not begin where the journalled text ends. Nothing was written.
 * - `changed-spec`: a run of the same name has other items. The message names the first difference.
 * - `invalid-spec`: the items or the options of a run are wrong. The message names the field.
 * - `unknown-run`, `ended-run`: there is no such run; it has ended and cannot be changed any more.
 * - `newer-journal`: a newer version of the program has written the journal.
 * - `unavailable`: the store does not answer, is locked, full, or read-only. Nothing was written; try again.
 *
 * @example
 * ```ts
 * if (RunError.is(error) && error.code === 'changed-spec') console.error(error.message);
 * ```
 */
export class RunError extends Error {
  override readonly name = 'RunError';

  constructor(
    readonly code: RunErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether the same call may succeed later. */
  get retryable(): boolean {
    return this.code === 'unavailable';
  }

  /** Whether a value is a `RunError`, including those of another copy of this plugin. */
  static is(error: unknown): error is RunError {
    return error instanceof Error && error.name === 'RunError' && 'code' in error;
  }
}
