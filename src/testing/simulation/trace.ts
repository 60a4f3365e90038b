import { createHash } from 'node:crypto';

/** Lines that are kept to show how a violation came about. */
const KEPT = 400;
/** Bytes that are gathered before they are hashed, since a call costs more than its bytes. */
const GATHERED = 32 * 1024;

/** The happenings of a world in their order: a digest of all of them and of all bytes, and the last lines themselves. */
export class Trace {
  private readonly digest = createHash('sha256');
  private lines: string[] = [];
  private readonly gathered = Buffer.allocUnsafe(GATHERED);
  private filled = 0;

  /** @param write called with each line, to see the whole trace */
  constructor(private readonly write: ((line: string) => void) | undefined) {}

  /** @param at virtual milliseconds */
  add(at: number, line: string): void {
    const text = `${at.toFixed(3)} ${line}`;
    this.digest.update(text).update('\n');
    this.write?.(text);
    this.lines.push(text);
    if (this.lines.length > 2 * KEPT) this.lines = this.lines.slice(-KEPT);
  }

  /** Adds bytes that cross the network. The lines say how they are cut into pieces. */
  bytes(bytes: Uint8Array): void {
    if (this.filled + bytes.length > GATHERED) {
      this.digest.update(this.gathered.subarray(0, this.filled));
      this.filled = 0;
    }
    if (bytes.length > GATHERED) this.digest.update(bytes);
    else {
      this.gathered.set(bytes, this.filled);
      this.filled += bytes.length;
    }
  }

  /** The last lines, the latest last. */
  last(count: number): readonly string[] {
    return this.lines.slice(-count);
  }

  /** SHA-256 over all lines and bytes so far: equal for equal runs. */
  sum(): string {
    return this.digest.copy().update(this.gathered.subarray(0, this.filled)).digest('hex');
  }
}
