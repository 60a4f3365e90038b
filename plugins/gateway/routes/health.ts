import type { FastifyPluginCallback } from 'fastify';
import type { GatewayParts } from '../parts.js';
import { answer, HEALTH } from './answer-schemas.js';

const HEALTHZ = { summary: 'Whether the process answers', response: { 200: answer('It does', HEALTH) } };
const READYZ = {
  summary: 'Whether the gateway takes new work',
  response: { 200: answer('It does', HEALTH), 503: answer('It is stopping', HEALTH) },
};

/** The state of the process, and whether it takes new work. Without a key, for orchestrators and load balancers. */
export const healthRoutes =
  ({ isReady }: Pick<GatewayParts, 'isReady'>): FastifyPluginCallback =>
  (app, _options, done) => {
    app.get('/healthz', { schema: HEALTHZ }, () => ({ status: 'ok' }));
    app.get('/readyz', { schema: READYZ }, (_request, reply) =>
      isReady() ? { status: 'ok' } : reply.code(503).send({ status: 'stopping' }),
    );
    done();
  };
