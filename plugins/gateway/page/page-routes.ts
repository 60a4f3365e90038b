import type { FastifyPluginCallback } from 'fastify';
import type { GatewayParts } from '../parts.js';

/** The page, and the events that it shows. */
export const pageRoutes =
  (_parts: GatewayParts): FastifyPluginCallback =>
  (_app, _options, done) => {
    done();
  };
