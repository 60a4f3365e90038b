import type { GenerationError } from 'scriptorium';
import { toGenerationError } from 'scriptorium/plugin';
import type { GenerationEnd, GenerationEvent, Pipeline } from 'scriptorium/plugin';
import type { AnswerOwners } from './answer-owners.js';
import type { Job } from './call.js';
import { afterBreak, NO_BREAK } from './continued.js';
import type { Broken } from './continued.js';
import { EventRecord } from './event-record.js';
import { eventsOf } from './events-of.js';
import { treatmentOf } from './failure-treatment.js';
import type { OnBreak, Treatment } from './failure-treatment.js';

/** Bytes that a reader may have before it until the vendor's socket is paused, and the amount at which it resumes. */
const MOST_UNREAD = 4 * 1024 * 1024;
const RESUME_AT = MOST_UNREAD / 2;

/** How a recorded generation is made. */
export interface RecordedOptions {
  readonly pipeline: Pipeline;
  readonly owners: AnswerOwners;
  readonly job: Job;
  readonly onBreak: OnBreak;
  /** The broken generation that it continues. */
  readonly broken?: Broken | undefined;
  /** Receives the bytes that its record has grown by. */
  readonly onGrowth: (bytes: number) => void;
  /** Called when it has ended or lost its reader. */
  readonly onChange: () => void;
}

/** Reads a generation, until another one does. */
export type Reader = object;

/** A generation that goes on without its reader, and can be read again from its start. */
export class RecordedGeneration {
  readonly record: EventRecord;
  private readonly job: Job;
  private readonly broken: Broken;
  private readonly leaving = new AbortController();
  private outcome: 'running' | 'whole' | GenerationError = 'running';
  private reader: Reader | undefined;
  private wake = (): void => undefined;
  private proceed: (() => void) | undefined;
  private readonly over: Promise<GenerationEnd | GenerationError>;
  private finish!: (end: GenerationEnd | GenerationError) => void;

  constructor(private readonly options: RecordedOptions) {
    const { job, broken = NO_BREAK } = options;
    const { text } = broken;
    this.job = text === '' ? job : { ...job, input: { ...job.input, continueFrom: text } };
    this.broken = broken;
    this.record = new EventRecord(options.onGrowth);
    for (const event of broken.events) this.record.add(event);
    this.over = new Promise((resolve) => (this.finish = resolve));
  }

  get isRead(): boolean {
    return this.reader !== undefined;
  }

  isReadBy(reader: Reader): boolean {
    return this.reader === reader;
  }

  get isRunning(): boolean {
    return this.outcome === 'running';
  }

  /** The failure that it has ended with. */
  get failure(): GenerationError | undefined {
    return typeof this.outcome === 'string' ? undefined : this.outcome;
  }

  /** The answer to a request that comes again after the failure. */
  get treatment(): Treatment | undefined {
    return this.failure && treatmentOf(this.failure, this.job.input, this.options.onBreak);
  }

  /** The failed generation, as the beginning of the next one. */
  get asBroken(): Broken {
    const text = this.failure?.partial?.text ?? this.broken.text;
    return afterBreak({ text, attempts: this.failure?.attempts ?? [], events: this.record.events });
  }

  /** Starts it. */
  start(): void {
    void this.run();
  }

  /** Gives it a reader, who begins at its start. */
  attach(reader: Reader): void {
    this.reader = reader;
    this.record.rewind();
  }

  /** Takes this reader away, unless another one has taken its place. */
  detach(reader: Reader): void {
    if (this.reader !== reader) return;
    this.reader = undefined;
    this.record.release();
    this.wake();
    this.resume();
    this.options.onChange();
  }

  /** Ends it. */
  cancel(): void {
    this.leaving.abort();
    this.resume();
  }

  /** All events; after the reader was taken away, only the end. */
  async *read(reader: Reader): AsyncGenerator<GenerationEvent, void, undefined> {
    while (this.reader === reader) {
      const event = this.record.take();
      if (event !== undefined) {
        if (this.record.unread <= RESUME_AT) this.resume();
        yield event;
        if (event.type === 'generation-end') return;
      } else if (this.outcome === 'running') {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      } else this.detach(reader);
    }
    const end = await this.over;
    if (!('type' in end)) throw end;
    yield end;
  }

  private async run(): Promise<void> {
    const { job, leaving } = this;
    const { pipeline, owners } = this.options;
    try {
      for await (const event of eventsOf({ ...job, pipeline, owners, leaving: leaving.signal })) {
        const appended = this.broken.append(event);
        if (appended.type === 'generation-end') this.finish(appended);
        // What had come before it was cancelled is dropped; the error after it has the cost.
        if (leaving.signal.aborted) continue;
        this.record.add(appended);
        this.wake();
        if (this.reader !== undefined && this.record.unread > MOST_UNREAD) await this.room();
      }
      this.outcome = 'whole';
    } catch (error) {
      this.outcome = this.broken.appendFailure(toGenerationError(error));
      this.finish(this.outcome);
    }
    this.wake();
    this.options.onChange();
  }

  /** Resolves when the reader has caught up, or is gone. */
  private room(): Promise<void> {
    return new Promise((resolve) => {
      this.proceed = resolve;
    });
  }

  private resume(): void {
    this.proceed?.();
    this.proceed = undefined;
  }
}
