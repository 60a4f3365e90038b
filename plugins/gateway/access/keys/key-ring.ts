import { setMaxListeners } from 'node:events';
import { GenerationError } from 'scriptorium';
import type { Cancel, Clock } from 'scriptorium/plugin';
import { KeyIndex } from './key-index.js';
import { stateOfKey } from './key-record.js';
import type { KeyRecord } from './key-record.js';
import { isPromise } from './key-store.js';
import type { KeyStore } from './key-store.js';

/** A revoked key is refused, and its generations end, within this time. */
const READ_EVERY_MS = 1_000;

/** The parts of a key ring. */
export interface KeyRingParts {
  readonly store: KeyStore;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
}

/** A valid key. */
export interface KnownKey {
  readonly record: KeyRecord;
  /** Aborted when the key is revoked or expires. */
  readonly signal: AbortSignal;
}

/** The keys of a store, read again every second. Close it, or the process stays alive. */
export class KeyRing {
  /** Resolves once the keys have been read. Rejects if they cannot be read. */
  readonly ready: Promise<void>;
  private index: KeyIndex | undefined;
  /** Once keys are needed they stay needed, whatever becomes of the store. */
  private isLocked = false;
  private readonly controllers = new Map<string, AbortController>();
  private cancelTimer: Cancel = () => undefined;
  private isClosed = false;
  private hasWarned = false;

  constructor(private readonly parts: KeyRingParts) {
    this.ready = this.start();
    // The error also reaches everyone who awaits `ready`.
    this.ready.catch(() => undefined);
  }

  /** Whether requests need a key. @throws GenerationError `unavailable` while the keys have not been read */
  get hasKeys(): boolean {
    if (this.index === undefined)
      throw new GenerationError(
        'unavailable',
        'The keys of the gateway have not been read yet. Try again in a second.',
      );
    return this.isLocked;
  }

  /** The record of a key, whatever its state; undefined if it is not known. */
  find(key: string): KeyRecord | undefined {
    return this.index?.find(key);
  }

  /** A signal that is aborted when the key is revoked or expires. */
  signalOf({ sha256 }: KeyRecord): AbortSignal {
    const known = this.controllers.get(sha256);
    if (known !== undefined) return known.signal;
    const controller = new AbortController();
    // Every request of the key listens to it.
    setMaxListeners(0, controller.signal);
    this.controllers.set(sha256, controller);
    return controller.signal;
  }

  close(): void {
    this.isClosed = true;
    this.cancelTimer();
  }

  private async start(): Promise<void> {
    // A store that answers at once is read before the first request.
    try {
      const read = this.parts.store.read();
      this.take(isPromise(read) ? await read : read);
    } finally {
      this.readLater();
    }
  }

  private readLater(): void {
    if (!this.isClosed) this.cancelTimer = this.parts.clock.setTimer(READ_EVERY_MS, () => void this.readAgain());
  }

  private async readAgain(): Promise<void> {
    try {
      const read = this.parts.store.read();
      this.take(isPromise(read) ? await read : read);
      this.hasWarned = false;
    } catch (error) {
      if (!this.hasWarned)
        this.parts.warn(`Cannot read the keys of the gateway; those read before hold: ${String(error)}`);
      this.hasWarned = true;
      this.endRefused();
    }
    this.readLater();
  }

  private take(records: readonly KeyRecord[]): void {
    this.index = new KeyIndex(records);
    this.isLocked ||= records.length > 0;
    this.endRefused();
  }

  /** Ends the generations of keys that are not valid any more. */
  private endRefused(): void {
    if (this.controllers.size === 0) return;
    const now = this.parts.clock.now();
    const valid = new Set(
      this.index?.records.filter((record) => stateOfKey(record, now) === 'valid').map(({ sha256 }) => sha256),
    );
    for (const [sha256, controller] of this.controllers) {
      if (valid.has(sha256)) continue;
      this.controllers.delete(sha256);
      controller.abort();
    }
  }
}
