import type { FastifyInstance } from 'fastify';
import { loadSwagger } from '../server/load-packages.js';

/** Describes the routes that are added from now on; `/openapi.json` shows the description. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  const { default: swagger } = await loadSwagger();
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Scriptorium', description: 'A pipeline of language models behind HTTP.', version: '1' },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      security: [{ key: [] }],
    },
    transform: ({ schema, url }) => ({
      url,
      schema: { ...schema, ...(isChat(url) && CHAT), ...(url.includes('/with/') && { hide: true }) },
    }),
  });
}

function isChat(url: string): boolean {
  return url.endsWith('/chat/completions');
}

/** The fields that most clients send. The route reads its body itself, and passes further fields on to the vendor. */
const CHAT = {
  summary: 'Generates the next message of a chat, as JSON or as server-sent events',
  body: {
    type: 'object',
    required: ['messages'],
    properties: {
      messages: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          required: ['role'],
          properties: {
            role: { type: 'string', enum: ['system', 'developer', 'user', 'assistant', 'tool'] },
            content: { description: 'A text, or a list of parts' },
          },
        },
      },
      model: { type: 'string' },
      models: { type: 'array', items: { type: 'string' }, description: 'Further models, tried in order' },
      stream: { type: 'boolean', default: false },
      stream_options: { type: 'object', properties: { include_usage: { type: 'boolean' } } },
      max_tokens: { type: 'integer', minimum: 1 },
      max_completion_tokens: { type: 'integer', minimum: 1 },
      temperature: { type: 'number', minimum: 0, maximum: 2 },
      top_p: { type: 'number', minimum: 0, maximum: 1 },
      stop: { description: 'A text, or a list of texts' },
      tools: { type: 'array', items: { type: 'object' } },
      response_format: { type: 'object' },
    },
    additionalProperties: true,
  },
};
