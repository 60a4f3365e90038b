import type { FastifyPluginAsync } from 'fastify';
import type { Pipeline } from 'scriptorium/plugin';
import { makeParts } from './make-parts.js';
import type { GatewayOptions } from './options.js';
import { pageRoutes } from './page/page-routes.js';
import type { GatewayParts } from './parts.js';
import { apiRoutes } from './routes/api.js';
import { chatRoutes } from './routes/chat.js';
import { healthRoutes } from './routes/health.js';
import { describeRoutes } from './routes/openapi.js';
import { sendFailures } from './server/failures.js';
import { readOn } from './server/read-on.js';
import { unknownPaths } from './server/unknown-paths.js';

/**
 * Makes a Fastify plugin that puts a pipeline behind HTTP. The limits of connections, headers and bodies, and the check of the
 * host's name are the server's; `startGateway` has them.
 * @throws ConfigError from the registration if the package `@fastify/swagger` is not installed
 * @example
 * ```ts
 * const server = fastify();
 * await server.register(createGateway(pipeline), { prefix: '/llm' });
 * await server.listen({ port: 8080 });
 * ```
 */
export function createGateway(pipeline: Pipeline, options: GatewayOptions = {}): FastifyPluginAsync {
  return gatewayOf(makeParts(pipeline, options));
}

/** The same, of parts that are made. */
export function gatewayOf(parts: GatewayParts): FastifyPluginAsync {
  const { pipeline, access, calls, clock } = parts;
  return async (app) => {
    app.addHook('onClose', () => {
      calls.close();
      access.close();
    });
    app.addHook('onSend', readOn);
    app.setErrorHandler(sendFailures({ logger: pipeline.logger, clock }));
    // Without a prefix the handler of unknown paths is the server's.
    if (app.prefix !== '') app.setNotFoundHandler(unknownPaths(app));
    await describeRoutes(app);
    await app.register(healthRoutes(parts));
    await app.register(chatRoutes(parts));
    await app.register(pageRoutes(parts));
    for (const prefix of ['', '/with/:labels']) await app.register(apiRoutes(parts), { prefix });
  };
}
