import type { Subscription } from 'rxjs';
import type { ClaimedItem } from '../journal/item.js';
import type { Claim, NothingToClaim } from '../journal/journal.js';
import type { RunLimits } from '../journal/run-spec.js';
import type { RunStatus } from '../journal/run-status.js';
import type { Consequence } from './item-ends.js';
import { ItemWorker } from './item-worker.js';
import type { RunEnd, RunWaiting } from './run-event.js';
import { Waker } from './waker.js';
import type { WorkParts } from './work-item.js';

/** The journal is asked this often, even if it reports no change. */
const POLL_MS = 60_000;

/** Keeps up to `concurrency` items of a run in flight, until nothing is left to do here. */
export class LocalEngine {
  private readonly items: ItemWorker;
  private readonly waker: Waker;
  private limits: RunLimits;
  private isStopping = false;
  private failure: { readonly error: unknown } | undefined;
  private lastWait: RunWaiting | undefined;

  constructor(
    private readonly parts: WorkParts,
    private readonly run: RunStatus,
  ) {
    this.items = new ItemWorker(parts);
    this.limits = run.limits;
    this.waker = new Waker(parts.settings.clock);
  }

  /** @throws the error that ends the work: one that concerns every item, or a refusal by the journal */
  async work(): Promise<RunEnd['reason']> {
    const { store } = this.parts;
    store.onBack = () => this.waker.wake();
    const changes = this.watch();
    try {
      const reason = await this.claimAll();
      while (this.items.count > 0) await this.waker.sleep();
      if (this.failure !== undefined) throw this.failure.error;
      return reason;
    } finally {
      changes.unsubscribe();
      this.waker.close();
    }
  }

  /** Ends all generations, and gives their leases back. The journal is waited for as long as a lease lasts. */
  stop(): void {
    const { store, settings } = this.parts;
    this.takeNoMore();
    store.giveUpAfter(settings.leaseMs);
    this.items.stop();
  }

  private takeNoMore(): void {
    this.isStopping = true;
    this.waker.wake();
  }

  private fail(error: unknown): void {
    this.failure ??= { error };
    this.stop();
  }

  private async claimAll(): Promise<RunEnd['reason']> {
    while (!this.isStopping) {
      if (this.items.count >= this.limits.concurrency || this.parts.store.isAway) {
        await this.waker.sleep();
        continue;
      }
      try {
        const claim = await this.claim();
        if (claim.type === 'item') await this.begin(claim.item);
        else {
          const reason = this.items.count > 0 ? undefined : await this.reasonToEnd(claim);
          if (reason !== undefined) return reason;
          await this.sleep(claim);
        }
      } catch (error) {
        this.fail(error);
      }
    }
    return 'stopped';
  }

  private claim(): Promise<Claim> {
    const { store, settings } = this.parts;
    const query = { run: this.run.id, worker: settings.worker, leaseMs: settings.leaseMs };
    return store.call((journal) => (this.isStopping ? Promise.resolve(NOTHING) : journal.claim(query)));
  }

  private async begin(claimed: ClaimedItem): Promise<void> {
    const { store } = this.parts;
    const { lease } = claimed;
    if (this.isStopping) {
      await store.call((journal) => journal.release(lease));
      return;
    }
    this.limits = claimed.limits;
    this.lastWait = undefined;
    void this.follow(claimed);
  }

  private async follow(claimed: ClaimedItem): Promise<void> {
    try {
      this.conclude(await this.items.work(claimed));
    } catch (error) {
      this.fail(error);
    } finally {
      this.waker.wake();
    }
  }

  private conclude(consequence: Consequence): void {
    if (consequence.type === 'end-work') this.fail(consequence.error);
    else if (consequence.type === 'pipeline-ended') this.takeNoMore();
  }

  /** Why nothing is left to do here; undefined if something may still become ready. */
  private async reasonToEnd({ isBusy, retryInMs }: NothingToClaim): Promise<RunEnd['reason'] | undefined> {
    const { wait, patienceMs, clock } = this.parts.settings;
    if (this.isStopping) return 'stopped';
    const { state, items, reason } = await this.parts.store.call((journal) => journal.status(this.run.id));
    if (state === 'paused') return 'paused';
    if (state !== 'running') return 'ended';
    const isParked = !isBusy && items.ready === 0 && items.leased === 0;
    if (isParked && (retryInMs === undefined || (retryInMs > patienceMs && !wait))) return 'parked';
    this.reportWait({
      type: 'run-waiting',
      // The end of another's lease moves with each renewal, and is not what is waited for.
      ...(retryInMs !== undefined && !isBusy && { untilMs: clock.now() + retryInMs }),
      ...(reason !== undefined && { reason }),
    });
    return undefined;
  }

  /** The same wait is reported once, though each answer of the journal names its end anew. */
  private reportWait(wait: RunWaiting): void {
    const { lastWait } = this;
    const isSame = Math.abs((wait.untilMs ?? 0) - (lastWait?.untilMs ?? 0)) < 1_000 && wait.reason === lastWait?.reason;
    this.lastWait = wait;
    if (lastWait === undefined || !isSame) this.parts.emit(wait);
  }

  private async sleep({ retryInMs = POLL_MS }: NothingToClaim): Promise<void> {
    // The end of a pipeline is noticed by a generation, or here if there is none.
    const ended =
      this.items.count > 0
        ? undefined
        : this.parts.pipeline.generations$.subscribe({ complete: () => this.takeNoMore() });
    await this.waker.sleep(Math.min(retryInMs, POLL_MS));
    ended?.unsubscribe();
  }

  /** Changes of its own items are no news. */
  private watch(): Subscription {
    return this.parts.store.journal.watch(this.run.id).subscribe({
      next: ({ item }) => {
        if (item === undefined || !this.items.has(item)) this.waker.wakeSoon();
      },
      error: () => undefined, // the journal is asked again anyway
    });
  }
}

const NOTHING: NothingToClaim = { type: 'nothing', isBusy: false };
