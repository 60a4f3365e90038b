import { systemClock } from 'scriptorium/plugin';
import type { Pipeline } from 'scriptorium/plugin';
import { makeAccess } from './access/make-access.js';
import { makeCalls } from './calls/make-calls.js';
import type { GatewayOptions } from './options.js';
import type { GatewayParts } from './parts.js';

/** Makes the parts of a gateway from its options. */
export function makeParts(pipeline: Pipeline, options: GatewayOptions): GatewayParts {
  const {
    provider = 'openrouter',
    policy,
    policies,
    keys,
    holdHeadersMs = 5_000,
    keepAliveMs = 15_000,
    clock = systemClock,
    metrics,
    runs,
  } = options;
  return {
    pipeline,
    access: makeAccess({ policy, policies, store: keys, clock, warn: (message) => pipeline.logger.warn(message) }),
    calls: makeCalls(pipeline, clock),
    clock,
    provider,
    holdHeadersMs,
    keepAliveMs,
    metrics,
    runs,
    isReady: () => true,
  };
}
