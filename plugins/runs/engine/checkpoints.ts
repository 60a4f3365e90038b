import type { Cancel, Clock } from 'scriptorium/plugin';
import type { Append, ItemLease, TextSource } from '../journal/item.js';
import { RunError } from '../journal/run-error.js';
import type { AttemptLog } from './attempt-log.js';
import type { PatientJournal } from './patient-journal.js';

/** Dependencies of `Checkpoints`. */
export interface CheckpointParts {
  readonly store: PatientJournal;
  readonly lease: ItemLease;
  readonly clock: Clock;
  readonly checkpointMs: number;
  readonly attempts: AttemptLog;
  /** The text that is journalled already, and its bytes. */
  readonly text: string;
  readonly bytes: number;
  /** Whether the text can be continued. If not, only attempts are written before the end. */
  readonly isContinuable: boolean;
  /** Reads the journalled length of the item's text. */
  readonly bytesOf: () => Promise<number>;
  /** The lease is lost, or the journal refuses for another reason. */
  readonly onError: (error: unknown) => void;
}

/** Text is written after so many bytes, however young it is. */
const MOST_BYTES = 1_024;

/** Writes the text of an item to the journal while it grows. One write is under way at a time; new text waits meanwhile. */
export class Checkpoints {
  private pieces: string[] = [];
  /** Of the pieces. */
  private size = 0;
  private source: TextSource;
  /** Pieces of attempts before the present one. */
  private finished: { readonly text: string; readonly source: TextSource }[] = [];
  /** The text that was written or is to be written, well-formed. */
  private texts: string[];
  /** Bytes of the text that was written, or is being written. */
  private end: number;
  private isDue = true;
  private isClosed = false;
  private isWanted = false;
  private writing: Promise<void> | undefined;
  private cancelTimer: Cancel | undefined;
  private failure: Error | undefined;

  constructor(private readonly parts: CheckpointParts) {
    [this.texts, this.end] = [[parts.text], parts.bytes];
    this.source = parts.attempts.source;
  }

  take(delta: string): void {
    this.pieces.push(delta);
    this.size += Buffer.byteLength(delta);
    if (!this.parts.isContinuable) return;
    if (this.isDue || this.size >= MOST_BYTES) this.flush();
    else this.cancelTimer ??= this.parts.clock.setTimer(this.parts.checkpointMs, () => this.flush());
  }

  /** A new attempt begins. */
  begin(): void {
    this.finish();
    this.isDue = true;
    this.flush();
  }

  /** The next text is written at once: it joins what was there. */
  splice(): void {
    this.isDue = true;
  }

  /** Drops the text that was not written yet. Returns false if some was written. */
  void(): boolean {
    [this.pieces, this.finished, this.size] = [[], [], 0];
    if (this.end === 0) this.texts = [];
    return this.end === 0 && this.writing === undefined;
  }

  /** Ends the writing, and returns the text that is left. @throws what a write has failed with: the rest would leave a gap */
  async rest(): Promise<readonly Append[]> {
    this.close();
    await this.writing;
    if (this.failure !== undefined) throw this.failure;
    return this.drain();
  }

  /** The whole text, after `rest`. */
  get text(): string {
    return this.texts.join('');
  }

  close(): void {
    this.isClosed = true;
    this.cancelTimer?.();
  }

  private flush(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    if (this.isClosed) return;
    if (this.writing !== undefined) {
      this.isWanted = true;
      return;
    }
    if (this.size > 0) this.isDue = false;
    this.writing = this.write().then(() => {
      this.writing = undefined;
      if (!this.isWanted) return;
      this.isWanted = false;
      this.flush();
    });
  }

  private async write(): Promise<void> {
    const { store, lease, attempts, isContinuable, onError } = this.parts;
    const progress = { append: isContinuable ? this.drain() : [], attempts: attempts.running() };
    try {
      await store.call((journal) => journal.checkpoint(lease, progress));
    } catch (error) {
      // The answer to a write may have been lost. Nobody else writes under this lease.
      if (await this.wasWritten(error)) return;
      this.failure = error instanceof Error ? error : new Error(String(error));
      onError(error);
    }
  }

  private async wasWritten(error: unknown): Promise<boolean> {
    if (!RunError.is(error) || error.code !== 'wrong-offset') return false;
    return (await this.parts.bytesOf().catch(() => -1)) === this.end;
  }

  /** The text that was not written yet, by the attempts that wrote it. */
  private drain(): readonly Append[] {
    this.finish();
    const appends = this.finished.map(({ text, source }): Append => {
      const at = this.end;
      this.end += Buffer.byteLength(text);
      return { at, text, source };
    });
    this.finished = [];
    return appends;
  }

  private finish(): void {
    const { attempts } = this.parts;
    if (this.pieces.length > 0) {
      const text = this.pieces.join('').toWellFormed();
      this.finished.push({ text, source: this.source });
      this.texts.push(text);
    }
    [this.pieces, this.size, this.source] = [[], 0, attempts.source];
  }
}
