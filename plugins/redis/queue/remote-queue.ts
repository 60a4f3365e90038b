import { Observable } from 'rxjs';
import type { Subscriber } from 'rxjs';
import type { AcquireOptions, Admission, Cancel, Clock, Lease, Random, WaitReason } from 'scriptorium/plugin';

/** The answer of a server to callers. */
export interface Grants<L extends Lease> {
  /** Leases for the first callers. */
  readonly leases: readonly L[];
  /** Milliseconds until the next caller may be admitted, if the server knows. */
  readonly retryInMs?: number | undefined;
}

/** Dependencies of `RemoteQueue`. */
export interface RemoteQueueParts<L extends Lease> {
  readonly waitReason: WaitReason;
  readonly clock: Clock;
  readonly random: () => Random;
  /** Asks for so many leases, in one round trip. */
  readonly ask: (count: number) => Promise<Grants<L>>;
}

/** The most callers of one question. */
const MOST = 100;
/** A message of a change may be lost: the server is asked again after this time. */
const LOOK_AGAIN_MS = 5_000;
const SPREAD = 0.1;

/**
 * The callers of one process before something that a server issues, first come, first served. One question at a time is under
 * way, for all who wait. While the server has nothing, it is asked again at its time, or when it reports a change.
 */
export class RemoteQueue<L extends Lease> {
  private readonly returned = new Set<Subscriber<Admission<L>>>();
  private readonly waiters = new Set<Subscriber<Admission<L>>>();
  /** Callers that have not been notified yet that they wait. */
  private readonly newcomers = new Set<Subscriber<Admission<L>>>();
  private isAsking = false;
  private hasChanged = false;
  /** Until when there is nothing, in monotonic milliseconds, and whether the server knows that. */
  private blocked: { readonly until: number; readonly isKnown: boolean; readonly cancel: Cancel } | undefined;

  constructor(private readonly parts: RemoteQueueParts<L>) {}

  get isEmpty(): boolean {
    return this.returned.size + this.waiters.size === 0;
  }

  /** Emits `waiting` unless admission is immediate, then one `admitted`, and completes. */
  acquire({ isReturned = false }: AcquireOptions = {}): Observable<Admission<L>> {
    return new Observable((waiter) => {
      (isReturned ? this.returned : this.waiters).add(waiter);
      this.newcomers.add(waiter);
      waiter.add(() => this.remove(waiter));
      if (this.blocked === undefined) this.ask();
      else this.reportWaits();
    });
  }

  /** Something has changed at the server. */
  serve(): void {
    this.hasChanged = true;
    this.unblock();
    this.ask();
  }

  private ask(): void {
    const count = Math.min(this.returned.size + this.waiters.size, MOST);
    if (this.isAsking || count === 0) return;
    [this.isAsking, this.hasChanged] = [true, false];
    this.parts.ask(count).then(
      (grants) => this.take(grants, count),
      (error: unknown) => this.fail(error),
    );
  }

  private take({ leases, retryInMs }: Grants<L>, count: number): void {
    this.isAsking = false;
    for (const lease of leases) {
      const waiter = this.first();
      if (waiter === undefined) lease.release();
      else this.admit(waiter, lease);
    }
    if (this.isEmpty) return;
    if (this.hasChanged || leases.length === count) this.ask();
    else this.block(retryInMs);
  }

  private admit(waiter: Subscriber<Admission<L>>, lease: L): void {
    this.remove(waiter);
    waiter.next({ type: 'admitted', lease });
    waiter.complete();
  }

  private block(retryInMs: number | undefined): void {
    const { clock, random } = this.parts;
    const lookAgainMs = LOOK_AGAIN_MS * (1 + random()() * SPREAD);
    const ms = Math.max(Math.min(retryInMs ?? Infinity, lookAgainMs), 1);
    const cancel = clock.setTimer(ms, () => {
      this.unblock();
      this.ask();
    });
    const until = clock.monotonic() + (retryInMs ?? ms);
    this.blocked = { until, isKnown: retryInMs !== undefined, cancel };
    this.reportWaits();
  }

  private unblock(): void {
    this.blocked?.cancel();
    this.blocked = undefined;
  }

  /** Each caller decides with its fence what becomes of it. */
  private fail(error: unknown): void {
    this.isAsking = false;
    for (const waiter of [...this.returned, ...this.waiters]) {
      this.remove(waiter);
      waiter.error(error);
    }
  }

  private remove(waiter: Subscriber<Admission<L>>): void {
    this.newcomers.delete(waiter);
    this.returned.delete(waiter);
    this.waiters.delete(waiter);
    if (this.isEmpty) this.unblock();
  }

  private first(): Subscriber<Admission<L>> | undefined {
    for (const waiter of this.returned) return waiter;
    for (const waiter of this.waiters) return waiter;
    return undefined;
  }

  private reportWaits(): void {
    const { clock, waitReason } = this.parts;
    for (const waiter of [...this.newcomers]) {
      this.newcomers.delete(waiter);
      const { blocked } = this;
      waiter.next({
        type: 'waiting',
        for: waitReason,
        ...(blocked?.isKnown === true && { untilMs: clock.now() + Math.max(blocked.until - clock.monotonic(), 0) }),
      });
    }
  }
}

/** The queues by key, made on first use; those without callers are forgotten. */
export class RemoteQueues<L extends Lease> {
  private readonly queues = new Map<string, RemoteQueue<L>>();

  constructor(private readonly make: (key: string) => RemoteQueue<L>) {}

  acquire(key: string, options?: AcquireOptions): Observable<Admission<L>> {
    return new Observable((subscriber) => {
      const queue = this.queues.get(key) ?? this.make(key);
      this.queues.set(key, queue);
      subscriber.add(() => {
        if (queue.isEmpty && this.queues.get(key) === queue) this.queues.delete(key);
      });
      subscriber.add(queue.acquire(options).subscribe(subscriber));
    });
  }

  /** Something has changed: for one key, or, without a name, perhaps for any. */
  serve(key?: string): void {
    if (key !== undefined) this.queues.get(key)?.serve();
    else for (const queue of [...this.queues.values()]) queue.serve();
  }
}
