import type { FastifyPluginAsync } from 'fastify';
import { systemClock } from 'scriptorium/plugin';
import type { Pipeline } from 'scriptorium/plugin';
import { makeAccess } from './access/make-access.js';
import { makeCalls } from './calls/make-calls.js';
import type { GatewayOptions } from './options.js';
import { pageRoutes } from './page/page-routes.js';
import { chatRoutes } from './routes/chat.js';

/**
 * Makes a Fastify plugin that puts a pipeline behind HTTP.
 * @example
 * ```ts
 * const server = fastify();
 * await server.register(createGateway(pipeline), { prefix: '/llm' });
 * await server.listen({ port: 8080 });
 * ```
 */
export function createGateway(pipeline: Pipeline, options: GatewayOptions = {}): FastifyPluginAsync {
  const {
    provider = 'openrouter',
    policy,
    policies,
    keys,
    holdHeadersMs = 5_000,
    keepAliveMs = 15_000,
    clock = systemClock,
  } = options;
  const parts = {
    pipeline,
    access: makeAccess({ policy, policies, store: keys, clock, warn: (message) => pipeline.logger.warn(message) }),
    calls: makeCalls(pipeline, clock),
    clock,
    provider,
    holdHeadersMs,
    keepAliveMs,
  };
  return async (app) => {
    app.addHook('onClose', () => {
      parts.calls.close();
      parts.access.close();
    });
    await app.register(chatRoutes(parts));
    await app.register(pageRoutes(parts));
  };
}
