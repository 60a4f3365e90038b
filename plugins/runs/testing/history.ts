import type { ItemLease } from '../journal/item.js';
import type { Journal } from '../journal/journal.js';
import { RunError } from '../journal/run-error.js';

/** The methods of a journal that change something. */
export type WriteMethod =
  | 'createRun'
  | 'claim'
  | 'renew'
  | 'checkpoint'
  | 'commit'
  | 'fail'
  | 'reset'
  | 'park'
  | 'release'
  | 'pause'
  | 'resume'
  | 'cancel';

/**
 * One call to a journal as its caller saw it. `unknown`: there was no answer, or it was `unavailable`, so that it may have been
 * done all the same.
 */
export interface HistoryCall {
  readonly method: WriteMethod;
  /** The journal, as a process has it, by which the call was made. */
  readonly client: string;
  readonly args: readonly unknown[];
  /** The place of the call's start, and of its answer, in the order of all calls. */
  readonly startedAt: number;
  endedAt: number | undefined;
  outcome: 'ok' | 'refused' | 'unknown';
  /** The answer to a call that was accepted. */
  value: unknown;
}

/** Records the calls of many processes in their order. */
export class History {
  readonly calls: HistoryCall[] = [];
  private places = 0;

  /** A journal that passes on all calls and records those that write. @param client names the process */
  record(journal: Journal, client: string): Journal {
    const recorded =
      <Args extends readonly unknown[], T>(method: WriteMethod, run: (...args: Args) => Promise<T>) =>
      (...args: Args): Promise<T> =>
        this.follow({ method, client, args }, () => run(...args));
    return {
      name: journal.name,
      createRun: recorded('createRun', (spec) => journal.createRun(spec)),
      claim: recorded('claim', (query) => journal.claim(query)),
      renew: recorded('renew', (lease, leaseMs) => journal.renew(lease, leaseMs)),
      checkpoint: recorded('checkpoint', (lease, progress) => journal.checkpoint(lease, progress)),
      commit: recorded('commit', (lease, commit) => journal.commit(lease, commit)),
      fail: recorded('fail', (lease, failure) => journal.fail(lease, failure)),
      reset: recorded('reset', (lease, failure) => journal.reset(lease, failure)),
      park: recorded('park', (lease, parking) => journal.park(lease, parking)),
      release: recorded('release', (lease: ItemLease, progress) => journal.release(lease, progress)),
      pause: recorded('pause', (run) => journal.pause(run)),
      resume: recorded('resume', (run, limits) => journal.resume(run, limits)),
      cancel: recorded('cancel', (run, item) => journal.cancel(run, item)),
      status: (run) => journal.status(run),
      runs: () => journal.runs(),
      items: (run, page) => journal.items(run, page),
      records: (run, page) => journal.records(run, page),
      watch: (run) => journal.watch(run),
      prune: (olderThanMs) => journal.prune(olderThanMs),
      close: () => journal.close(),
    };
  }

  private async follow<T>(
    { method, client, args }: Pick<HistoryCall, 'method' | 'client' | 'args'>,
    run: () => Promise<T>,
  ): Promise<T> {
    const startedAt = (this.places += 1);
    const call: HistoryCall = {
      method,
      client,
      args,
      startedAt,
      endedAt: undefined,
      outcome: 'unknown',
      value: undefined,
    };
    this.calls.push(call);
    try {
      const value = await run();
      Object.assign(call, { outcome: 'ok', value });
      return value;
    } catch (error) {
      if (RunError.is(error) && error.code !== 'unavailable') call.outcome = 'refused';
      throw error;
    } finally {
      call.endedAt = this.places += 1;
    }
  }
}
