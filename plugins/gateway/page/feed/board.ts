import type { Subscription } from 'rxjs';
import type { Clock, ObservedEvent, Pipeline } from 'scriptorium/plugin';
import { chooseShown } from './choose-shown.js';
import { isOver } from './facts.js';
import type { Facts, GenerationState } from './facts.js';
import { LiveGeneration } from './live-generation.js';

/** A generation that has ended. */
export interface Ended {
  /** Counts from 1. */
  readonly number: number;
  readonly facts: Facts;
  readonly text: string;
  readonly words: number;
}

/** Those that wait for the same reason. */
export interface Queue {
  readonly reason: NonNullable<Facts['waitsFor']>;
  readonly waiting: number;
  /** The earliest known time to proceed, epoch milliseconds. */
  readonly untilMs?: number;
}

/** Counts over all live generations. */
export interface Tally {
  readonly live: number;
  readonly states: Readonly<Partial<Record<GenerationState, number>>>;
  /** Characters a second, of all. */
  readonly pace: number;
  readonly queues: readonly Queue[];
}

/** The most ended generations that are kept. */
export const MOST_ENDED = 20;

/** The generations of a pipeline: all that run, and the last that have ended. */
export class Board {
  private readonly live = new Map<string, LiveGeneration>();
  private shownNow: readonly LiveGeneration[] = [];
  private endings: readonly Ended[] = [];
  private endedCount = 0;
  private measuredAt: number;
  private readonly subscription: Subscription;

  /** @param onClose the pipeline was disposed */
  constructor(
    pipeline: Pick<Pipeline, 'generations$'>,
    private readonly clock: Clock,
    onClose: () => void,
  ) {
    this.measuredAt = clock.monotonic();
    this.subscription = pipeline.generations$.subscribe({ next: (event) => this.take(event), complete: onClose });
  }

  /** The generations to draw, the newest first. */
  get shown(): readonly LiveGeneration[] {
    return this.shownNow;
  }

  /** The last ended generations, the newest last. */
  get ended(): readonly Ended[] {
    return this.endings;
  }

  /** Measures paces, chooses the rows, and counts. */
  measure(): Tally {
    const now = this.clock.monotonic();
    const elapsed = now - this.measuredAt;
    this.measuredAt = now;
    const live = [...this.live.values()];
    if (elapsed > 0) for (const generation of live) generation.measure(now, elapsed);
    this.shownNow = chooseShown(live, new Set(this.shownNow), now);
    return tallyOf(live);
  }

  close(): void {
    this.subscription.unsubscribe();
  }

  private take({ id, labels, event }: ObservedEvent): void {
    const at = event.type === 'text-delta' ? 0 : this.clock.now();
    let generation = this.live.get(id);
    if (generation === undefined) {
      const first = { id, labels, event };
      generation = new LiveGeneration(first, { at: this.clock.now(), begunAt: this.clock.monotonic() });
      this.live.set(id, generation);
    }
    generation.take(event, at);
    if (isOver(generation.facts)) this.end(id, generation);
  }

  private end(id: string, { facts, text }: LiveGeneration): void {
    this.live.delete(id);
    this.endedCount += 1;
    const ended = { number: this.endedCount, facts, text: text.tail, words: text.words };
    this.endings = [...this.endings.slice(1 - MOST_ENDED), ended];
  }
}

/** Counts live generations by state and by the reason of their wait. */
export function tallyOf(live: readonly LiveGeneration[]): Tally {
  const states: Partial<Record<GenerationState, number>> = {};
  const queues = new Map<string, Queue>();
  let pace = 0;
  for (const { facts, pace: own } of live) {
    states[facts.state] = (states[facts.state] ?? 0) + 1;
    pace += own;
    const { waitsFor: reason } = facts;
    if (reason !== undefined) queues.set(reason, joined(queues.get(reason) ?? { reason, waiting: 0 }, facts));
  }
  return { live: live.length, states, pace: Math.round(pace), queues: [...queues.values()] };
}

function joined({ reason, waiting, untilMs = Infinity }: Queue, facts: Facts): Queue {
  const earliest = Math.min(untilMs, facts.untilMs ?? Infinity);
  return { reason, waiting: waiting + 1, ...(earliest !== Infinity && { untilMs: earliest }) };
}
