import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GenerationError } from 'scriptorium';
import { pathOf } from './failures.js';

/**
 * Notes the routes that are added to `app` from now on, and makes a handler for all other requests: 405 for a known path with
 * another method, 404 for the rest.
 */
export function unknownPaths(app: FastifyInstance): (request: FastifyRequest, reply: FastifyReply) => never {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ pattern: patternOf(url), methods: [method].flat() });
  });
  return (request, reply) => {
    const path = pathOf(request).replace(/^https?:\/\/[^/]*/i, '');
    const methods = [...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods))];
    if (methods.length === 0)
      throw new GenerationError('not-found', `The gateway has no path ${JSON.stringify(path)}.`, { status: 404 });
    reply.header('allow', methods.join(', '));
    throw new GenerationError('bad-request', `${path} takes ${methods.join(' and ')}, not ${request.method}.`, {
      status: 405,
    });
  };
}

function patternOf(url: string): RegExp {
  const escaped = url.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll(/:\w+/g, '[^/]+').replaceAll('*', '.*')}/?$`);
}
