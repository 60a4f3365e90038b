/** One requirement of a run, and whether it is met. */
export interface Check {
  readonly what: string;
  /** The measured value, as it is printed. */
  readonly value?: string | number;
  readonly isRight: boolean;
}

/** Sets the exit code of the program: 0 if every check is right, else 1. */
export function exitBy(checks: readonly Check[]): void {
  process.exitCode = checks.every(({ isRight }) => isRight) ? 0 : 1;
}
