/** A violated invariant, with the way to it. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';

  /** @param trace the last happenings before it */
  constructor(
    message: string,
    readonly seed: number | string,
    readonly trace: readonly string[],
  ) {
    super(`${message} (seed ${seed})`);
  }
}
