import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import type { Clock } from '../../core/clock.js';
import { codeOf } from '../../files/disk.js';

/**
 * A lock is held for about a millisecond. If its owner has not changed for so long, the owner has died: shorter than the
 * time in which a state store must answer (`ports.state.answerMs`).
 */
const LEASE_MS = 1_000;
/** More than the name of a holder has. */
const LONGEST_NAME = 40;

/**
 * A lock file for short, synchronous work: one process or thread of a machine holds it at a time.
 *
 * Each holder writes a name of its own into the file, which tells threads and containers with one process id apart. A lock
 * is broken once a waiter has seen the same name for a second of its own monotonic clock, so neither a killed holder nor a
 * clock that is set matters. A holder that stood still for that long asks `isHeld` before it writes.
 */
export class FileLock {
  private readonly id = randomBytes(8).toString('hex');
  private times = 0;
  private owner = '';
  private seen: { readonly owner: string | undefined; readonly since: number } | undefined;

  constructor(
    private readonly path: string,
    private readonly clock: Pick<Clock, 'monotonic'>,
  ) {}

  /** Takes the lock. Returns false if another holds it. @throws an error of the file system */
  take(): boolean {
    this.owner = `${this.id}-${(this.times += 1)}`;
    if (create(this.path, this.owner)) {
      this.seen = undefined;
      return true;
    }
    this.watch();
    return false;
  }

  /** Whether no waiter has broken the lock since `take`. */
  isHeld(): boolean {
    return ownerIn(this.path) === this.owner;
  }

  /** Gives the lock back, unless it was broken. */
  release(): void {
    if (this.isHeld()) rmSync(this.path, { force: true });
  }

  private watch(): void {
    const owner = ownerIn(this.path);
    const now = this.clock.monotonic();
    const since = this.seen?.owner === owner ? (this.seen?.since ?? now) : now;
    this.seen = { owner, since };
    const heldMs = now - since;
    if (owner !== undefined && heldMs >= LEASE_MS) this.breakLock(owner, heldMs);
  }

  /** Only one waiter breaks the lock of one owner. The lock of a later owner stays. */
  private breakLock(owner: string, heldMs: number): void {
    const claim = `${this.path}.${owner.replace(/[^\w-]/g, '').slice(0, LONGEST_NAME)}`;
    // The waiter with the claim may have died, too.
    if (heldMs >= 2 * LEASE_MS) rmSync(claim, { force: true });
    if (!create(claim, this.owner)) return;
    try {
      if (ownerIn(this.path) === owner) rmSync(this.path, { force: true });
      this.seen = undefined;
    } finally {
      rmSync(claim, { force: true });
    }
  }
}

/** Creates a file with a text. Returns false if there is one. */
function create(path: string, text: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(file, text);
    return true;
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** The owner in a lock file; undefined if there is none. A holder that died at once has left an empty one. */
function ownerIn(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
