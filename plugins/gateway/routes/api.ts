import type { FastifyInstance, FastifyPluginCallback, FastifyRequest } from 'fastify';
import { GenerationError } from 'scriptorium';
import { asObject, asText } from 'scriptorium/provider';
import type { Client } from '../access/client.js';
import { checkMayWatch } from '../access/may-watch.js';
import type { GatewayParts } from '../parts.js';
import { checkOwner, generationAnswer, keyAnswer } from './account.js';
import { answer, FAILURES, GENERATION, KEY, MODELS } from './answer-schemas.js';
import { askedOf } from './asked.js';
import { endpointsOf } from './endpoints.js';
import { addGenerate } from './generate.js';
import { modelList } from './models.js';

/** The routes that only the gateway's clients may use, beside the chat completions. */
export const apiRoutes =
  (parts: GatewayParts): FastifyPluginCallback =>
  (app, _options, done) => {
    const { pipeline, access, calls, provider } = parts;
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
      app.get(path, { schema: LISTED }, async (request) =>
        modelList(await pipeline.models({ provider }), access.clientOf(askedOf(request)).policy),
      );
    app.get('/api/v1/key', { schema: ACCOUNT }, async (request) =>
      keyAnswer(await pipeline.key(provider), watching(request).name),
    );
    app.get('/api/v1/generation', { schema: RECORD }, async (request) => {
      const id = idIn(request.query);
      checkOwner(access.clientOf(askedOf(request)), id, calls);
      return generationAnswer(await pipeline.generation(id, provider));
    });
    app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
    for (const endpoint of endpointsOf(parts)) {
      const { path, summary } = endpoint;
      app.get(path, { schema: { summary, response: { 200: ANY_TEXT, ...FAILURES } } }, (request, reply) => {
        watching(request);
        reply.hijack();
        endpoint.handle(request.raw, reply.raw);
      });
    }
    allowEmptyBodies(app);
    addGenerate(app, parts);
    done();
  };

const ANY_TEXT = answer('As the plugin writes it', { type: 'string' }, 'text/plain');

/** A prompt may be in the query alone, and clients declare a body that they do not send as JSON. */
function allowEmptyBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (body === '') done(null);
    else void parse(request, body, done);
  });
}

const LISTED = { summary: 'Lists the models', response: { 200: answer('The models', MODELS), ...FAILURES } };
const ACCOUNT = {
  summary: "Reports on the vendor's account",
  response: { 200: answer('The account', KEY), ...FAILURES },
};
const RECORD = {
  summary: 'Reports on one answer',
  querystring: { type: 'object', properties: { id: { type: 'string' } } },
  response: { 200: answer("The vendor's record", GENERATION), ...FAILURES },
};

function idIn(query: unknown): string {
  const id = asText(asObject(query)?.id);
  if (id !== undefined && id !== '') return id;
  throw new GenerationError('invalid-input', 'The id is missing. Send it as ?id=, as the answer had it.', {
    status: 400,
  });
}
