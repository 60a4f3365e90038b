import type { FastifyInstance } from 'fastify';
import { loadSwagger } from '../server/load-packages.js';
import { CHAT } from './chat-schema.js';

/** Describes the routes that are added from now on; `/openapi.json` shows the description. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  const { default: swagger } = await loadSwagger();
  // The schemas of answers describe them, and change nothing of them.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
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
