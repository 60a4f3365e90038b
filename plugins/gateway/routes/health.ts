import type { FastifyPluginCallback } from 'fastify';
import type { GatewayParts } from '../parts.js';

/** The state of the process, and whether it takes new work. Without a key, for orchestrators and load balancers. */
export const healthRoutes =
  ({ isReady }: Pick<GatewayParts, 'isReady'>): FastifyPluginCallback =>
  (app, _options, done) => {
    app.get('/healthz', { schema: { summary: 'Whether the process answers' } }, () => ({ status: 'ok' }));
    app.get('/readyz', { schema: { summary: 'Whether the gateway takes new work' } }, (_request, reply) =>
      isReady() ? { status: 'ok' } : reply.code(503).send({ status: 'stopping' }),
    );
    done();
  };
