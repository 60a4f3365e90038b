import { createHash } from 'node:crypto';

/** Bytes that are gathered before they are hashed: a call costs more than the bytes of a line. */
const ROOM = 32 * 1024;
/** The most bytes that UTF-8 takes for a UTF-16 code unit. */
const MOST_BYTES = 3;

/** A SHA-256 of many small pieces, as `createHash` computes it. */
export class GatheredHash {
  private readonly hash = createHash('sha256');
  private readonly gathered = Buffer.allocUnsafeSlow(ROOM);
  private filled = 0;

  update(piece: string | Uint8Array): this {
    const most = typeof piece === 'string' ? piece.length * MOST_BYTES : piece.length;
    if (this.filled + most > ROOM) this.flush();
    if (most > ROOM) this.hash.update(piece);
    else if (typeof piece === 'string') this.filled += this.gathered.write(piece, this.filled);
    else {
      this.gathered.set(piece, this.filled);
      this.filled += piece.length;
    }
    return this;
  }

  /** The digest of all pieces so far, in hexadecimal digits. More may follow. */
  sum(): string {
    this.flush();
    return this.hash.copy().digest('hex');
  }

  private flush(): void {
    this.hash.update(this.gathered.subarray(0, this.filled));
    this.filled = 0;
  }
}
