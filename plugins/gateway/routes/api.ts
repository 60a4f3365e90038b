import type { FastifyInstance, FastifyPluginCallback, FastifyRequest } from 'fastify';
import { GenerationError } from 'scriptorium';
import { asObject, asText } from 'scriptorium/provider';
import type { Client } from '../access/client.js';
import { checkMayWatch } from '../access/may-watch.js';
import type { GatewayParts } from '../parts.js';
import { checkOwner, generationAnswer, keyAnswer } from './account.js';
import { askedOf } from './asked.js';
import { addGenerate } from './generate.js';
import { modelList } from './models.js';

/** The routes that only the gateway's clients may use, beside the chat completions. */
export const apiRoutes =
  (parts: GatewayParts): FastifyPluginCallback =>
  (app, _options, done) => {
    const { pipeline, access, calls, provider, metrics } = parts;
    const watching = (request: FastifyRequest): Client => {
      const client = access.clientOf(askedOf(request));
      checkMayWatch(client);
      return client;
    };
    app.removeContentTypeParser('text/plain');
    app.addHook('onRequest', (request, _reply, next) => {
      access.clientOf(askedOf(request));
      next();
    });
    for (const path of ['/v1/models', '/api/v1/models'])
      app.get(path, { schema: { summary: 'Lists the models' } }, async (request) =>
        modelList(await pipeline.models({ provider }), access.clientOf(askedOf(request)).policy),
      );
    app.get('/api/v1/key', { schema: { summary: "Reports on the vendor's account" } }, async (request) =>
      keyAnswer(await pipeline.key(provider), watching(request).name),
    );
    app.get('/api/v1/generation', { schema: GENERATION }, async (request) => {
      const id = idIn(request.query);
      checkOwner(access.clientOf(askedOf(request)), id, calls);
      return generationAnswer(await pipeline.generation(id, provider));
    });
    app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
    if (metrics !== undefined)
      app.get('/metrics', { schema: { summary: "Shows metrics in Prometheus' text format" } }, (request, reply) => {
        watching(request);
        reply.hijack();
        metrics(request.raw, reply.raw);
      });
    allowEmptyBodies(app);
    addGenerate(app, parts);
    done();
  };

/** A prompt may be in the query alone, and clients declare a body that they do not send as JSON. */
function allowEmptyBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (body === '') done(null);
    else void parse(request, body, done);
  });
}

const GENERATION = {
  summary: 'Reports on one answer',
  querystring: { type: 'object', properties: { id: { type: 'string' } } },
};

function idIn(query: unknown): string {
  const id = asText(asObject(query)?.id);
  if (id !== undefined && id !== '') return id;
  throw new GenerationError('invalid-input', 'The id is missing. Send it as ?id=, as the answer had it.', {
    status: 400,
  });
}
