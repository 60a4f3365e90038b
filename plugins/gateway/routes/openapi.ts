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
  });
}
