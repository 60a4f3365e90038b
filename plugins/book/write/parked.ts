/** The book cannot go on now. */
export class Parked extends Error {
  override readonly name = 'Parked';

  /** @param untilMs epoch milliseconds, if that is known */
  constructor(
    readonly reason: string,
    readonly untilMs?: number,
  ) {
    super(`Parked: ${reason}`);
  }
}
