import { sumCost } from 'scriptorium/plugin';
import type { AttemptRecord, Cost, ObservedEvent, Usage, WaitReason } from 'scriptorium/plugin';

/** The state of a generation, as the page names it. */
export type GenerationState =
  'starting' | 'thinking' | 'writing' | 'waiting' | 'retrying' | 'finished' | 'failed' | 'cancelled';

/** Everything the page shows of a generation but its text. */
export interface Facts {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: GenerationState;
  /** Epoch milliseconds of the first event seen. */
  readonly since: number;
  /** The generation began before the gateway, so its counts are too low. */
  readonly isJoined?: true;
  readonly provider?: string;
  readonly model?: string;
  readonly attempts: number;
  readonly segments: number;
  readonly restarts: number;
  /** The reason of the wait. */
  readonly waitsFor?: WaitReason | 'retry';
  /** Epoch milliseconds until which it waits, if known. */
  readonly untilMs?: number;
  /** US dollars of the attempts that have reported or estimated a cost. */
  readonly usd: number;
  readonly isEstimate?: true;
  /** The code and the message of the last failure of an attempt, or of the generation. */
  readonly problem?: string;
  readonly endedAt?: number;
  readonly finishReason?: string;
}

/** Facts with what only the folding needs. */
export interface FoldedFacts {
  readonly facts: Facts;
  /** US dollars of earlier attempts; the running attempt's usage may still be replaced. */
  readonly settledUsd: number;
}

const LONGEST = { label: 80, problem: 300 };
const MOST_LABELS = 6;

/** Facts about a generation before its first event is folded. */
export function firstFacts({ id, labels, event }: ObservedEvent, at: number): FoldedFacts {
  const shown = Object.entries(labels).slice(0, MOST_LABELS);
  const facts: Facts = {
    id,
    labels: Object.fromEntries(shown.map(([name, value]) => [cut(name, LONGEST.label), cut(value, LONGEST.label)])),
    state: 'starting',
    since: at,
    ...(isLate(event) && { isJoined: true as const }),
    attempts: 0,
    segments: 1,
    restarts: 0,
    usd: 0,
  };
  return { facts, settledUsd: 0 };
}

/** Folds one event into the facts. Returns the same object if the event changes none of them. */
export function foldFacts(before: FoldedFacts, event: ObservedEvent['event'], at: number): FoldedFacts {
  const { facts } = before;
  switch (event.type) {
    case 'text-delta':
      return facts.state === 'writing' ? before : moved(before, { state: 'writing' });
    case 'reasoning-delta':
      return facts.state === 'thinking' ? before : moved(before, { state: 'thinking' });
    case 'attempt-start': {
      const { attempt, provider, model } = event;
      return { ...moved(before, { state: 'starting', attempts: attempt, provider, model }), settledUsd: facts.usd };
    }
    case 'response-metadata':
      return event.usage === undefined ? before : { ...before, facts: { ...facts, ...costOf(event.usage, before) } };
    case 'retry-scheduled':
      return moved(before, {
        state: 'retrying',
        waitsFor: 'retry',
        untilMs: at + event.delayMs,
        problem: event.reason,
      });
    case 'waiting':
      return moved(before, {
        state: 'waiting',
        waitsFor: event.for,
        ...(event.untilMs !== undefined && { untilMs: event.untilMs }),
      });
    case 'continuation':
      return { ...before, facts: { ...facts, segments: event.segment } };
    case 'restart':
      return moved(before, { state: 'starting', restarts: facts.restarts + 1, segments: 1, problem: event.reason });
    case 'generation-end':
    case 'generation-failed':
    case 'generation-cancelled':
      return ended(before, event, at);
    default:
      return before;
  }
}

/** Whether a generation is over. */
export function isOver({ endedAt }: Facts): boolean {
  return endedAt !== undefined;
}

type Ending = Extract<
  ObservedEvent['event'],
  { readonly type: 'generation-end' | 'generation-failed' | 'generation-cancelled' }
>;

function ended(before: FoldedFacts, event: Ending, at: number): FoldedFacts {
  switch (event.type) {
    case 'generation-cancelled':
      return moved(before, { state: 'cancelled', endedAt: at });
    case 'generation-failed': {
      const { code, message, attempts } = event.error;
      const problem = cut(`${code}: ${message}`, LONGEST.problem);
      return moved(before, { state: 'failed', endedAt: at, problem, ...billOf(attempts, before) });
    }
    case 'generation-end': {
      const { provider, model, attempts, finishReason } = event;
      const end = { state: 'finished', endedAt: at, provider, model, finishReason: finishReason.unified } as const;
      return moved(before, { ...end, ...billOf(attempts, before) });
    }
  }
}

/** A change of state ends a wait. */
function moved(before: FoldedFacts, change: Partial<Facts>): FoldedFacts {
  const { waitsFor, untilMs, ...rest } = before.facts;
  return { ...before, facts: { ...rest, ...change } };
}

/** The cost so far, with the usage of the running attempt. */
function costOf(usage: Usage, { facts, settledUsd }: FoldedFacts): Bill {
  return bill(sumCost([usage]), { settledUsd, isEstimate: facts.isEstimate === true });
}

/** The cost of all attempts of a generation that is over. */
function billOf(attempts: readonly AttemptRecord[] | undefined, { facts }: FoldedFacts): Bill {
  if (attempts === undefined) return { usd: facts.usd };
  return bill(sumCost(attempts.map(({ usage }) => usage)), { settledUsd: 0, isEstimate: false });
}

type Bill = Pick<Facts, 'usd' | 'isEstimate'>;

interface Before {
  readonly settledUsd: number;
  readonly isEstimate: boolean;
}

function bill({ known, estimated }: Cost, before: Before): Bill {
  const isEstimate = before.isEstimate || estimated > 0;
  return { usd: before.settledUsd + known + estimated, ...(isEstimate && { isEstimate }) };
}

/** Whether an event cannot be a generation's first one. */
function isLate(event: ObservedEvent['event']): boolean {
  switch (event.type) {
    case 'attempt-start':
      return event.attempt > 1;
    case 'waiting':
    case 'route-chosen':
    case 'warning':
    case 'custom':
    case 'generation-end':
    case 'generation-failed':
    case 'generation-cancelled':
      return false;
    default:
      return true;
  }
}

/** At most so many characters, whole ones. */
function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}
