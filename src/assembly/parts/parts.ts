import type { PartCounts } from '../../core/part-counts.js';
import type { Breakers, CacheStore, LimitStore, RetryBudgets, Slots, Spending, StateStore } from '../../core/ports.js';
import type { DependencyContainer, InjectionToken } from '../container.js';
import { REPLACEMENTS } from '../internal-tokens.js';
import {
  BREAKERS,
  CACHE_STORE,
  CLOCK,
  CONFIG,
  LIMIT_STORE,
  LOGGER,
  REDACT,
  RETRY_BUDGETS,
  SLOTS,
  SPENDING,
  STATE_STORE,
} from '../tokens.js';
import { Fence } from './fence.js';
import { fencedBreakers, fencedCache, fencedLeases, fencedLimits, fencedSpending } from './fenced-parts.js';
import type { Waiting } from './fenced-parts.js';
import { fencedState } from './fenced-state.js';
import { checkPort, PORTS } from './ports.js';
import type { PortName } from './ports.js';
import type { ReplaceableParts } from './replaceable-parts.js';

/** The replaceable parts of a pipeline, each behind its fence. A part is resolved when it is first used. */
export class Parts implements ReplaceableParts {
  private readonly fences = new Map<PortName, Fence>();
  private readonly made = new Map<PortName, unknown>();

  constructor(private readonly container: DependencyContainer) {}

  /** The counts of the parts in use. */
  get counts(): readonly PartCounts[] {
    return [...this.fences.values()].map(({ counts }) => counts);
  }

  get limits(): LimitStore {
    return this.once('limits', (fence) => fencedLimits(this.part('limits', LIMIT_STORE), fence));
  }

  get breakers(): Breakers {
    return this.once('breakers', (fence) => fencedBreakers(this.part('breakers', BREAKERS), fence, this.waiting));
  }

  get slots(): Slots {
    return this.once('slots', (fence) => fencedLeases(this.part('slots', SLOTS), fence, this.waiting));
  }

  get retryBudgets(): RetryBudgets {
    return this.once('retryBudgets', (fence) =>
      fencedLeases(this.part('retryBudgets', RETRY_BUDGETS), fence, this.waiting),
    );
  }

  get spending(): Spending {
    return this.once('spending', (fence) => fencedSpending(this.part('spending', SPENDING), fence));
  }

  get cache(): CacheStore {
    return this.once('cache', (fence) => fencedCache(this.part('cache', CACHE_STORE), fence));
  }

  get state(): StateStore {
    return this.once('state', (fence) => fencedState(this.part('state', STATE_STORE), fence));
  }

  private get waiting(): Waiting {
    const { retry } = this.container.resolve(CONFIG);
    return { clock: this.container.resolve(CLOCK), patienceMs: retry.maxRetryAfterMs };
  }

  private once<T>(name: PortName, make: (fence: Fence) => T): T {
    if (!this.made.has(name)) this.made.set(name, make(this.fence(name)));
    return this.made.get(name) as T;
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
    const fence = new Fence({
      name,
      replacedBy: container.resolve(REPLACEMENTS).of(PORTS[name].token),
      clock: container.resolve(CLOCK),
      logger: container.resolve(LOGGER),
      redact: container.resolve(REDACT),
      ...container.resolve(CONFIG).ports[name],
    });
    this.fences.set(name, fence);
    return fence;
  }
}
