import type { GenerationError } from 'scriptorium';
import type { ClaimedItem, ItemState } from '../journal/item.js';
import type { ItemFailure, Journal, Parking } from '../journal/journal.js';
import { RunError } from '../journal/run-error.js';
import type { Ended } from './ending.js';
import { outcomeOf } from './outcome-of.js';
import type { TryOutcome } from './outcome-of.js';
import type { WorkItem, WorkParts } from './work-item.js';

/** What the end of an item means for the work on the others. */
export type Consequence =
  | { readonly type: 'none' }
  /** The pipeline takes no more work. */
  | { readonly type: 'pipeline-ended' }
  /** The cause concerns every item. */
  | { readonly type: 'end-work'; readonly error: GenerationError };

type Failed = Exclude<Ended, { readonly type: 'end' }>;

const NONE: Consequence = { type: 'none' };

/** Journals the ends of items, and reports them. */
export class ItemEnds {
  /** Tries in a row whose answers could not be joined, by item. */
  private readonly unjoined = new Map<string, number>();

  constructor(private readonly parts: WorkParts) {}

  /** @throws RunError of the journal */
  async write(work: WorkItem, ending: Ended): Promise<Consequence> {
    if (ending.type === 'end') return await this.commit(work, ending);
    if (ending.type === 'error') return await this.afterError(work, ending);
    const { why } = ending;
    if (why.type === 'park') return await this.park(work, ending, why.parking);
    if (why.type === 'restart') return await this.reset(work, ending);
    return await this.release(work, ending);
  }

  private async commit(work: WorkItem, ending: Extract<Ended, { readonly type: 'end' }>): Promise<Consequence> {
    const { records, emit } = this.parts;
    const { lease } = work.claimed;
    const rest = await work.rest(ending);
    const commit = { ...rest, ...work.outcome(ending.event) };
    await this.end(work.claimed, ['done'], (journal) => journal.commit(lease, commit));
    this.unjoined.delete(lease.item);
    emit({ type: 'item-done', item: lease.item, record: await records.recordOf(work.claimed) });
    return NONE;
  }

  private async afterError(work: WorkItem, ending: Extract<Failed, { readonly type: 'error' }>): Promise<Consequence> {
    const { error } = ending;
    const outcome = this.outcomeOf(work, error);
    switch (outcome.type) {
      case 'stop':
        await this.release(work, ending);
        return { type: 'pipeline-ended' };
      case 'park': {
        const { type, endsWork, ...parking } = outcome;
        await this.park(work, ending, parking);
        return endsWork === true ? { type: 'end-work', error } : NONE;
      }
      case 'reset':
        return await this.reset(work, ending);
      case 'retry':
        return await this.fail(work, ending, outcome.retryInMs);
      case 'fail':
        return await this.fail(work, ending);
      default:
        return outcome satisfies never;
    }
  }

  private outcomeOf({ claimed, hasAdded }: WorkItem, error: GenerationError): TryOutcome {
    const { clock, random, patienceMs } = this.parts.settings;
    const { lease, text, tries, limits, holdUsd } = claimed;
    const unjoined = this.unjoined.get(lease.item) ?? 0;
    const outcome = outcomeOf({
      ...{ error, hasAdded, tries, unjoined, holdUsd, patienceMs, clock, random },
      hadText: text !== '',
      mostTries: limits.tries,
    });
    if (outcome.type === 'retry' && outcome.isUnjoined) this.unjoined.set(lease.item, unjoined + 1);
    else this.unjoined.delete(lease.item);
    return outcome;
  }

  private async park(work: WorkItem, ending: Failed, parking: Parking): Promise<Consequence> {
    const { emit, settings } = this.parts;
    const { lease } = work.claimed;
    const rest = await work.rest(ending);
    const isOwn = ending.type === 'left';
    const error = isOwn ? {} : { error: jsonOf(ending.error) };
    await this.end(work.claimed, ['parked', 'ready'], (journal) =>
      journal.park(lease, { ...parking, ...error, ...rest }),
    );
    const { reason, forMs, needsUsd } = parking;
    emit({
      type: 'item-parked',
      item: lease.item,
      reason,
      ...(forMs !== undefined && { untilMs: settings.clock.now() + forMs }),
      ...(needsUsd !== undefined && { needsUsd }),
    });
    return NONE;
  }

  private async release(work: WorkItem, ending: Failed): Promise<Consequence> {
    const { lease } = work.claimed;
    const rest = await work.rest(ending);
    await this.end(work.claimed, ['ready'], (journal) => journal.release(lease, rest));
    return NONE;
  }

  private async fail(work: WorkItem, ending: Failed, retryInMs?: number): Promise<Consequence> {
    const { emit } = this.parts;
    const { lease } = work.claimed;
    const { error } = ending;
    const failure = { ...(await this.failureOf(work, ending)), ...(retryInMs !== undefined && { retryInMs }) };
    const state = await this.end(work.claimed, ['ready', 'failed'], (journal) => journal.fail(lease, failure));
    if (state === 'failed') emit({ type: 'item-failed', item: lease.item, error });
    else emit({ type: 'item-retry', item: lease.item, error, retryInMs: retryInMs ?? 0 });
    return NONE;
  }

  private async reset(work: WorkItem, ending: Failed): Promise<Consequence> {
    const { emit } = this.parts;
    const { lease } = work.claimed;
    const { error } = ending;
    const failure = await this.failureOf(work, ending);
    const state = await this.end(work.claimed, ['ready', 'failed'], (journal) => journal.reset(lease, failure));
    emit({ type: state === 'failed' ? 'item-failed' : 'item-reset', item: lease.item, error });
    return NONE;
  }

  /**
   * Ends a lease. The answer of the journal may get lost: then it reports a lost lease when it is asked again, although the end
   * is its own. Nobody else ends an item in its epoch, except who cancels it.
   * @returns the new state
   */
  private async end<T>(
    claimed: ClaimedItem,
    states: readonly ItemState[],
    write: (journal: Journal) => Promise<T>,
  ): Promise<T | ItemState> {
    const { store, records } = this.parts;
    let calls = 0;
    try {
      return await store.call((journal) => {
        calls += 1;
        return write(journal);
      });
    } catch (error) {
      if (calls === 1 || !RunError.is(error) || error.code !== 'lease-lost') throw error;
      const { epoch, state } = await records.statusOf(claimed);
      if (epoch !== claimed.lease.epoch || !states.includes(state)) throw error;
      return state;
    }
  }

  private async failureOf(work: WorkItem, ending: Failed): Promise<ItemFailure> {
    return { ...(await work.rest(ending)), error: jsonOf(ending.error) };
  }
}

/** The error without what the journal keeps anyway: the text and the attempts. */
function jsonOf(error: GenerationError): Readonly<Record<string, unknown>> {
  const { partial, attempts, ...json } = error.toJSON();
  return json;
}
