import { systemClock } from 'scriptorium/plugin';
import type { Pipeline } from 'scriptorium/plugin';
import { makeAccess } from './access/make-access.js';
import { makeCalls } from './calls/make-calls.js';
import { SharedCalls } from './calls/shared-calls.js';
import type { GatewayOptions } from './options.js';
import type { GatewayParts } from './parts.js';

/** Makes the parts of a gateway from its options. */
export function makeParts(pipeline: Pipeline, options: GatewayOptions): GatewayParts {
  const {
    provider = 'openrouter',
    policy,
    policies,
    keys,
    shared,
    holdHeadersMs = 5_000,
    keepAliveMs = 15_000,
    clock = systemClock,
    metrics,
    runs,
  } = options;
  const warn = (message: string): void => pipeline.logger.warn(message);
  return {
    pipeline,
    access: makeAccess({ policy, policies, store: keys, clock, warn }),
    calls: makeCalls(pipeline, clock, { shared: shared && new SharedCalls({ store: shared, clock, warn }) }),
    clock,
    provider,
    holdHeadersMs,
    keepAliveMs,
    metrics,
    runs,
    isReady: () => true,
  };
}
