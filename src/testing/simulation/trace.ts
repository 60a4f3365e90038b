import { GatheredHash } from './gathered-hash.js';

/** Lines that are kept to show how a violation came about. */
const KEPT = 400;

/** The happenings of a world in their order: a digest of all of them and of all bytes, and the last lines themselves. */
export class Trace {
  private readonly digest = new GatheredHash();
  private lines: string[] = [];

  /** @param write called with each line, to see the whole trace */
  constructor(private readonly write: ((line: string) => void) | undefined) {}

  /** @param at virtual milliseconds */
  add(at: number, line: string): void {
    const text = `${at.toFixed(3)} ${line}`;
    this.digest.update(`${text}\n`);
    this.write?.(text);
    this.lines.push(text);
    if (this.lines.length > 2 * KEPT) this.lines = this.lines.slice(-KEPT);
  }

  /** Adds bytes that cross the network. The lines say how they are cut into pieces. */
  bytes(bytes: Uint8Array): void {
    this.digest.update(bytes);
  }

  /** The last lines, the latest last. */
  last(count: number): readonly string[] {
    return this.lines.slice(-count);
  }

  /** SHA-256 over all lines and bytes so far: equal for equal runs. */
  sum(): string {
    return this.digest.sum();
  }
}
