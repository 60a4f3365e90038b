import type { FastifyPluginCallback } from 'fastify';
import type { GatewayParts } from '../parts.js';

/** The chat completions. */
export const chatRoutes =
  (_parts: GatewayParts): FastifyPluginCallback =>
  (_app, _options, done) => {
    done();
  };
