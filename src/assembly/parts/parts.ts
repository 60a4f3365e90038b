import { Subject } from 'rxjs';
import type { Observable } from 'rxjs';
import type { PartCounts } from '../../core/part-counts.js';
import type { Breakers, CacheStore, LimitStore, RetryBudgets, Slots, Spending, StateStore } from '../../core/ports.js';
import type { DependencyContainer, InjectionToken } from '../container.js';
import { PART_OBSERVER, REPLACEMENTS } from '../internal-tokens.js';
import {
  BREAKERS,
  CACHE_STORE,
  CLOCK,
  CONFIG,
  LIMIT_STORE,
  LOGGER,
  RANDOM,
  REDACT,
  RETRY_BUDGETS,
  SLOTS,
  SPENDING,
  STATE_STORE,
} from '../tokens.js';
import { Fence } from './fence.js';
import { fencedBreakers, fencedCache, fencedLeases, fencedLimits, fencedSpending } from './fenced-parts.js';
import type { Signals, Waiting } from './fenced-parts.js';
import { fencedState } from './fenced-state.js';
import { checkPort, PORTS } from './ports.js';
import type { PartObserver } from './part-observer.js';
import type { PortName } from './ports.js';
import type { ReplaceableParts } from './replaceable-parts.js';

/** The replaceable parts of a pipeline, each behind its fence. A part is resolved when it is first used. */
export class Parts implements ReplaceableParts {
  private readonly fences = new Map<PortName, Fence>();
  private readonly made = new Map<PortName, unknown>();
  private readonly ended = new Subject<void>();

  constructor(private readonly container: DependencyContainer) {}

  /** The counts of the parts in use. */
  get counts(): readonly PartCounts[] {
    return [...this.fences.values()].map(({ counts }) => counts);
  }

  get ended$(): Observable<void> {
    return this.ended.asObservable();
  }

  /** Ends the subscriptions to the parts' signals. */
  end(): void {
    this.ended.next();
    this.ended.complete();
  }

  get limits(): LimitStore {
    return this.once('limits', (fence) => fencedLimits(this.observed('limits', LIMIT_STORE), fence, this.signals));
  }

  get breakers(): Breakers {
    return this.once('breakers', (fence) => fencedBreakers(this.observed('breakers', BREAKERS), fence, this.waiting));
  }

  get slots(): Slots {
    return this.once('slots', (fence) => fencedLeases(this.observed('slots', SLOTS), fence, this.waiting));
  }

  get retryBudgets(): RetryBudgets {
    return this.once('retryBudgets', (fence) =>
      fencedLeases(this.part('retryBudgets', RETRY_BUDGETS), fence, this.waiting),
    );
  }

  get spending(): Spending {
    return this.once('spending', (fence) => fencedSpending(this.observed('spending', SPENDING), fence, this.signals));
  }

  get cache(): CacheStore {
    return this.once('cache', (fence) => fencedCache(this.part('cache', CACHE_STORE), fence));
  }

  get state(): StateStore {
    return this.once('state', (fence) => fencedState(this.part('state', STATE_STORE), fence));
  }

  private get waiting(): Waiting {
    const { retry } = this.container.resolve(CONFIG);
    const { clock, random } = this.signals;
    return { clock, random, patienceMs: retry.maxRetryAfterMs };
  }

  private get signals(): Signals {
    const { container, ended } = this;
    return { clock: container.resolve(CLOCK), random: container.resolve(RANDOM), ended };
  }

  private once<T>(name: PortName, make: (fence: Fence) => T): T {
    if (!this.made.has(name)) this.made.set(name, make(this.fence(name)));
    return this.made.get(name) as T;
  }

  /** A part that issues leases. */
  private observed<K extends keyof PartObserver>(name: K, token: InjectionToken<ReplaceableParts[K]>) {
    const { container } = this;
    const part = this.part(name, token);
    if (!container.isRegistered(PART_OBSERVER)) return part;
    return container.resolve(PART_OBSERVER)[name](part);
  }

  /** @throws ConfigError if a replacement lacks a method */
  private part<T>(name: PortName, token: InjectionToken<T>): T {
    const part = this.container.resolve(token);
    const by = this.container.resolve(REPLACEMENTS).of(token);
    if (by !== undefined) checkPort(PORTS[name], part, by);
    return part;
  }

  private fence(name: PortName): Fence {
    const { container } = this;
    const replacedBy = container.resolve(REPLACEMENTS).of(PORTS[name].token);
    const settings = container.resolve(CONFIG).ports[name];
    // Of the built-in parts only the state store can keep others waiting. Those that use it must not give up before it does.
    const isTimed = replacedBy !== undefined || name === 'state';
    const fence = new Fence({
      name,
      replacedBy,
      clock: container.resolve(CLOCK),
      logger: container.resolve(LOGGER),
      redact: container.resolve(REDACT),
      ...settings,
      ...(!isTimed && { answerMs: 0 }),
    });
    this.fences.set(name, fence);
    return fence;
  }
}
