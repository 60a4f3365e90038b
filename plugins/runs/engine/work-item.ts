import { createHash } from 'node:crypto';
import type { Subscription } from 'rxjs';
import { countWords } from 'scriptorium';
import type { GenerationEnd, GenerationError, GenerationEvent, Pipeline } from 'scriptorium';
import type { ClaimedItem, ItemCommit, ItemProgress } from '../journal/item.js';
import { RunError } from '../journal/run-error.js';
import { Answer } from './answer.js';
import { AttemptLog } from './attempt-log.js';
import type { BatchSettings } from './batch-settings.js';
import { Checkpoints } from './checkpoints.js';
import type { Ended, Ending, Leaving } from './ending.js';
import { generationId, generationInput, isContinuable } from './generation-input.js';
import type { ItemRecords } from './item-records.js';
import type { KnownModels } from './known-models.js';
import { keepLease } from './lease-keeper.js';
import type { PatientJournal } from './patient-journal.js';
import type { RunEvent } from './run-event.js';

/** Dependencies of a `WorkItem`. */
export interface WorkParts {
  readonly pipeline: Pipeline;
  readonly settings: BatchSettings;
  readonly store: PatientJournal;
  readonly records: ItemRecords;
  readonly models: KnownModels;
  readonly emit: (event: RunEvent) => void;
}

/** One claimed item on its way from its generation to what is journalled of it. */
export class WorkItem {
  private readonly controller = new AbortController();
  private readonly attempts: AttemptLog;
  private readonly checkpoints: Checkpoints;
  private readonly answer = new Answer();
  private readonly isContinuable: boolean;
  private leaving: Leaving | undefined;
  private subscription: Subscription | undefined;
  private end: GenerationEnd | undefined;
  private resolve: (ending: Ending) => void = () => undefined;
  private isOver = false;
  private isEnding = false;
  private hasText = false;
  private failure: Error | undefined;

  constructor(
    private readonly parts: WorkParts,
    readonly claimed: ClaimedItem,
  ) {
    const { store, settings, models, records } = parts;
    const { input, lease, text, bytes } = claimed;
    this.isContinuable = isContinuable(input);
    this.attempts = new AttemptLog({
      generation: generationId(claimed),
      input,
      given: text.length,
      priceOf: (provider, model) => models.priceOf(provider, model),
    });
    this.checkpoints = new Checkpoints({
      store,
      lease,
      clock: settings.clock,
      checkpointMs: settings.checkpointMs,
      attempts: this.attempts,
      text,
      bytes,
      isContinuable: this.isContinuable,
      bytesOf: async () => (await records.statusOf(claimed)).bytes,
      onError: this.refused,
    });
  }

  /** Whether the generation has added to the text. */
  get hasAdded(): boolean {
    return this.hasText && this.isContinuable;
  }

  /** Whether nothing more may be written. */
  get isLost(): boolean {
    return this.failure !== undefined;
  }

  /** Runs the generation while the lease is kept. `write` journals its end. @throws RunError of the journal, but `lease-lost` */
  async run(write: (ending: Ended) => Promise<void>): Promise<void> {
    const { store, settings, emit, models } = this.parts;
    const { lease, input, text } = this.claimed;
    const letGo = keepLease({ ...settings, store, lease, onError: this.refused });
    emit({ type: 'item-start', item: lease.item, epoch: lease.epoch, text });
    try {
      await models.load(input);
      const ending = await this.generate();
      this.isEnding = true;
      if (ending.type !== 'lost') await write(ending);
    } catch (error) {
      this.lose(error);
    } finally {
      letGo();
      this.checkpoints.close();
    }
    if (this.failure === undefined) return;
    if (!isLeaseLost(this.failure)) throw this.failure;
    emit({ type: 'item-lost', item: lease.item });
  }

  /** Ends the generation. A whole answer is still committed. */
  leave(why: Leaving): void {
    if (this.isOver || this.leaving !== undefined) return;
    this.leaving = why;
    this.controller.abort();
  }

  /** The text that is not journalled yet, and the attempts. */
  async rest(ending: Ended): Promise<ItemProgress> {
    const append = await this.checkpoints.rest();
    const { attempts = [] } = ending.type === 'end' ? ending.event : ending.error;
    const isKept = ending.type === 'end' || (this.isContinuable && !isVoid(ending));
    return { append: isKept ? append : [], attempts: this.attempts.ended(attempts) };
  }

  /** The result, with the hash and the length of the whole text. Call it after `rest`. */
  outcome(event: GenerationEnd): Pick<ItemCommit, 'result' | 'sha256' | 'words'> {
    const { text } = this.checkpoints;
    return {
      result: this.answer.result(event),
      sha256: createHash('sha256').update(text).digest('hex'),
      words: countWords(text),
    };
  }

  private generate(): Promise<Ending> {
    return new Promise((resolve) => {
      this.resolve = (ending) => {
        this.isOver = true;
        resolve(ending);
      };
      if (this.isLost) {
        this.resolve({ type: 'lost' });
        return;
      }
      this.subscription = this.parts.pipeline.stream(generationInput(this.claimed, this.controller.signal)).subscribe({
        next: (event) => this.take(event),
        error: (error: GenerationError) => this.fail(error),
        complete: () => {
          if (this.end !== undefined) this.resolve({ type: 'end', event: this.end });
        },
      });
    });
  }

  private fail(error: GenerationError): void {
    const why = this.leaving;
    this.resolve(why === undefined ? { type: 'error', error } : { type: 'left', error, why });
  }

  private take(event: GenerationEvent): void {
    switch (event.type) {
      case 'text-delta':
        this.hasText = true;
        this.attempts.take(event.delta.length);
        this.checkpoints.take(event.delta);
        break;
      case 'reasoning-delta':
        this.attempts.takeReasoning(event.delta.length);
        break;
      case 'attempt-start':
        this.attempts.start(event);
        this.checkpoints.begin();
        break;
      case 'continuation':
        this.checkpoints.splice();
        break;
      case 'waiting':
        this.considerWaiting(event.for, event.untilMs);
        break;
      case 'restart':
        this.restart();
        break;
      case 'generation-end':
        this.end = event;
        this.isOver = true;
        break;
      default:
        this.answer.take(event);
    }
    this.parts.emit({ type: 'item-event', item: this.claimed.lease.item, event });
  }

  /** A long wait keeps no item in memory. */
  private considerWaiting(reason: string, untilMs: number | undefined): void {
    const { clock, patienceMs } = this.parts.settings;
    const forMs = untilMs === undefined ? 0 : untilMs - clock.now();
    if (forMs > patienceMs) this.leave({ type: 'park', parking: { reason, forMs } });
  }

  /** An interceptor writes the text anew. What is journalled cannot be taken back under the same claim. */
  private restart(): void {
    this.answer.clear();
    if (!this.checkpoints.void() && this.isContinuable) {
      this.leave({ type: 'restart' });
      return;
    }
    this.hasText = false;
  }

  /** A renewal may come too late for a lease whose end is being written. The end itself is refused if the lease is lost. */
  private readonly refused = (error: unknown): void => {
    if (!this.isEnding) this.lose(error);
  };

  /** Ends the generation in the same turn. */
  private lose(error: unknown): void {
    if (this.failure !== undefined) return;
    this.failure =
      error instanceof Error ? error : new RunError('unavailable', `The journal has failed: ${String(error)}`);
    this.checkpoints.close();
    this.subscription?.unsubscribe();
    this.resolve({ type: 'lost' });
  }
}

function isVoid(ending: Ended): boolean {
  return ending.type === 'left' && ending.why.type === 'restart';
}

/** Whether another worker has the item, or it has ended. */
function isLeaseLost(error: unknown): boolean {
  return RunError.is(error) && (error.code === 'lease-lost' || error.code === 'wrong-offset');
}
