import type { FastifyError, FastifyInstance, FastifyPluginCallback, FastifyRequest } from 'fastify';
import { GenerationError } from 'scriptorium';
import type { ChatDialect } from 'scriptorium/provider';
import type { Asked } from '../access/access.js';
import type { Client } from '../access/client.js';
import { answerChat } from '../answers/answer-chat.js';
import { refusalOf } from '../answers/refusal.js';
import { Bills } from '../answers/spent.js';
import { logUnexpected } from '../log-unexpected.js';
import type { GatewayParts } from '../parts.js';
import { BODY_BYTES } from '../server/body-limit.js';
import { knownError } from '../server/failures.js';
import { askedOf } from './asked.js';

/** The paths of chat completions, and how each of them answers. */
const PATHS: Readonly<Record<string, ChatDialect>> = {
  '/v1/chat/completions': 'openai',
  '/api/v1/chat/completions': 'aggregator',
  '/chat/completions': 'openai',
};

/** The chat completions, also under `/with/name=value,…`. */
export const chatRoutes =
  (parts: GatewayParts): FastifyPluginCallback =>
  (app, _options, done) => {
    const bills = new Bills();
    readBodiesAsText(app);
    for (const prefix of ['', '/with/:labels'])
      for (const [path, dialect] of Object.entries(PATHS))
        addRoute(app, { parts, bills, dialect, path: prefix + path });
    done();
  };

interface Route {
  readonly parts: GatewayParts;
  readonly bills: Bills;
  readonly dialect: ChatDialect;
  readonly path: string;
}

function addRoute(app: FastifyInstance, { parts, bills, dialect, path }: Route): void {
  const senders = new WeakMap<FastifyRequest, { readonly client: Client; readonly inUrl: Asked['inUrl'] }>();
  app.post(path, {
    bodyLimit: BODY_BYTES,
    // Before the body is read: only senders with a key may make the gateway hold ten megabytes.
    onRequest: (request, _reply, next) => {
      const asked = askedOf(request);
      senders.set(request, { client: parts.access.clientOf(asked), inUrl: asked.inUrl });
      next();
    },
    errorHandler: (error: FastifyError, request, reply) => {
      const known = knownError(error, request);
      logUnexpected(parts.pipeline.logger, known, `POST ${path}`);
      const { status, headers, body } = refusalOf(known, { dialect, now: parts.clock.now() });
      reply.code(status).headers(headers).send(body);
    },
    handler: async (request, reply) => {
      const sender = senders.get(request);
      if (sender === undefined) throw new GenerationError('internal', 'The sender of the request was not checked.');
      await answerChat(parts, { request, reply, ...sender, dialect, bills });
    },
  });
}

/**
 * Jobs compare bodies as they came. Only JSON is read: a page of a foreign site may send other types without asking, and
 * on a machine of its own the gateway needs no key.
 */
function readBodiesAsText(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
}
