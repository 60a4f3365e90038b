import { WordCounter } from 'scriptorium';
import type { GenerationEvent, WaitReason } from 'scriptorium';
import { durationText, reasonText } from './format.js';
import { Pace } from './pace.js';

/** What an item in flight waits for. */
interface Note {
  readonly text: string;
  /** Epoch milliseconds. */
  readonly until?: number | undefined;
}

/** An item that is being written here. */
export class Flight {
  private counter = new WordCounter();
  private readonly pace = new Pace();
  private note: Note | undefined = { text: 'starts' };

  /** @param text the one that is there already */
  constructor(
    readonly item: string,
    text: string,
  ) {
    this.counter.take(text);
  }

  get words(): number {
    return this.counter.words;
  }

  /** @param now epoch milliseconds */
  take(event: GenerationEvent, now: number): void {
    switch (event.type) {
      case 'text-delta':
        this.counter.take(event.delta);
        this.pace.take(event.delta);
        this.note = undefined;
        break;
      case 'reasoning-delta':
        this.note = { text: 'thinks' };
        break;
      case 'attempt-start':
        this.note = { text: `asks ${event.model}` };
        break;
      case 'retry-scheduled':
        this.note = { text: reasonText(event.reason) ?? event.reason, until: now + event.delayMs };
        break;
      case 'waiting':
        this.note = { text: waitText(event.for), until: event.untilMs };
        break;
      case 'restart':
        this.counter = new WordCounter();
        break;
      default:
    }
  }

  /** The speed, or what it waits for and how long. @param times now, in epoch milliseconds and monotonic */
  state({ now, monotonic }: { readonly now: number; readonly monotonic: number }): {
    readonly text: string;
    readonly isWaiting: boolean;
  } {
    const rate = this.pace.tokensPerSecond(monotonic);
    if (this.note === undefined) return { text: rate >= 0.5 ? `${rate.toFixed(0)} tokens/s` : '', isWaiting: false };
    const { text, until } = this.note;
    const left = until === undefined || until <= now ? '' : `, ${durationText(until - now)} to go`;
    return { text: text + left, isWaiting: until !== undefined };
  }
}

/** A wait for a quota is mostly one for the limit of a minute. */
function waitText(reason: WaitReason): string {
  return reason === 'quota' ? "the provider's limit is reached" : (reasonText(reason) ?? reason);
}
