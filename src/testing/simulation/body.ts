import type { Waits } from './waits.js';

/** The body of an answer at the client: pieces arrive, and are read one by one. */
export class Body implements AsyncIterable<Uint8Array> {
  /** Bytes that have arrived. */
  received = 0;
  private readonly pieces: Uint8Array[] = [];
  private end: 'open' | 'finished' | { readonly error: unknown } = 'open';
  private underWay = 0;
  private wake: () => void = () => undefined;
  private readonly waitingForRoom: (() => void)[] = [];

  /**
   * @param windowBytes bytes that may be under way to a client that does not read
   * @param leave closes the connection
   */
  constructor(
    private readonly windowBytes: number,
    private readonly leave: () => void,
  ) {}

  /** The server has sent so many bytes. */
  expect(bytes: number): void {
    this.underWay += bytes;
  }

  /** Resolves once the client has read enough for more to be sent. */
  hasRoom(waits: Waits): Promise<void> {
    if (this.underWay <= this.windowBytes) return Promise.resolve();
    return waits.orGone((resolve) => {
      this.waitingForRoom.push(resolve);
      return () => undefined;
    });
  }

  push(piece: Uint8Array): void {
    this.received += piece.length;
    this.pieces.push(piece);
    this.wake();
  }

  finish(): void {
    if (this.end === 'open') this.end = 'finished';
    this.wake();
  }

  fail(error: unknown): void {
    if (this.end === 'open') this.end = { error };
    this.wake();
  }

  /** The bytes under way never arrive. */
  stall(): void {
    this.underWay = Infinity;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => this.next(),
      return: () => {
        if (this.end === 'open') this.leave();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  private async next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      const piece = this.pieces.shift();
      if (piece !== undefined) return { done: false, value: this.take(piece) };
      if (this.end === 'finished') return { done: true, value: undefined };
      if (this.end !== 'open') throw this.end.error;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  private take(piece: Uint8Array): Uint8Array {
    this.underWay -= piece.length;
    if (this.underWay <= this.windowBytes) for (const proceed of this.waitingForRoom.splice(0)) proceed();
    return piece;
  }
}
