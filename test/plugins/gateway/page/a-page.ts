import { afterEach } from '@jest/globals';
import { fastify } from 'fastify';
import type { FastifyPluginCallback } from 'fastify';
import { Subject } from 'rxjs';
import type { GenerationEnd, GenerationEvent, ObservedEvent } from 'scriptorium';
import { systemClock } from 'scriptorium/plugin';
import type { BreakerState, BudgetState, Clock, PartCounts, UsageSnapshot } from 'scriptorium/plugin';
import { pageRoutes } from '../../../../plugins/gateway/page/page-routes.js';
import type { Client } from '../../../../plugins/gateway/access/client.js';
import type { RunsSource } from '../../../../plugins/gateway/page/feed/runs.js';
import type { PageParts } from '../../../../plugins/gateway/page/page-routes.js';
import { emptySnapshot } from '../../../../src/stats/usage-stats.js';

/** A page over a pipeline whose events the test writes. */
export interface APage {
  readonly url: string;
  readonly generations$: Subject<ObservedEvent>;
  readonly clock: Clock;
  readonly close: () => Promise<void>;
}

export interface APageOptions {
  readonly clock?: Clock;
  readonly access?: Partial<PageParts['access']>;
  readonly runs?: RunsSource;
  readonly breakers?: () => readonly BreakerState[];
  readonly stats?: () => UsageSnapshot;
  readonly parts?: readonly PartCounts[];
  readonly budgets?: () => Promise<readonly BudgetState[]>;
  readonly keepAliveMs?: number;
  readonly prefix?: string;
  /** Routes beside the page's own. */
  readonly more?: FastifyPluginCallback;
}

const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

export const LOCAL: Client = { name: 'local', policy: { watch: true }, signal: new AbortController().signal };

/** An access that asks for no key. */
export const NO_KEYS: PageParts['access'] = { clientOf: () => LOCAL, clients: () => [] };

export async function aPage({
  clock = systemClock,
  access = {},
  runs,
  keepAliveMs = 15_000,
  prefix = '',
  ...rest
}: APageOptions = {}): Promise<APage> {
  const generations$ = new Subject<ObservedEvent>();
  const parts: PageParts = {
    pipeline: aPipeline(generations$, rest),
    clock,
    keepAliveMs,
    access: { ...NO_KEYS, ...access },
    runs,
  };
  const app = fastify();
  await app.register(pageRoutes(parts), { prefix });
  if (rest.more !== undefined) await app.register(rest.more, { prefix });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  const close = (): Promise<void> => app.close();
  open.push(close);
  return { url: `${origin}${prefix}`, generations$, clock, close };
}

/** A pipeline as far as the page uses it. */
export function aPipeline(
  generations$: Subject<ObservedEvent>,
  {
    stats = () => emptySnapshot(0),
    parts = [],
    budgets = () => Promise.resolve([]),
    breakers = () => [],
  }: Pick<APageOptions, 'stats' | 'parts' | 'budgets' | 'breakers'> = {},
): PageParts['pipeline'] {
  return { generations$, stats, parts: () => parts, budgets, breakers };
}

export const start = (attempt = 1): GenerationEvent => ({
  type: 'attempt-start',
  attempt,
  provider: 'openrouter',
  model: 'a/model',
});

export const words = (delta: string): GenerationEvent => ({ type: 'text-delta', delta });

export const END: GenerationEnd = {
  type: 'generation-end',
  finishReason: { unified: 'stop', raw: 'stop' },
  usage: { inputTokens: 1, outputTokens: 2, costUsd: 0.5, source: 'reported' },
  servedFrom: 'provider',
  provider: 'openrouter',
  model: 'a/model',
  attempts: [],
};

/** An event of a generation, as `generations$` carries it. */
export function observed(
  id: string,
  event: ObservedEvent['event'],
  labels: ObservedEvent['labels'] = {},
): ObservedEvent {
  return { id, labels, event };
}
