import { ROUTE_STRATEGIES } from '../core/routes.js';

const NAME = { type: 'string', minLength: 1 };

/** The JSON Schema of the key `routes`. */
export const ROUTES_SCHEMA: Readonly<Record<string, unknown>> = {
  anyOf: [
    { enum: ROUTE_STRATEGIES },
    {
      type: 'array',
      items: {
        type: 'object',
        properties: { provider: NAME, model: NAME },
        additionalProperties: false,
        minProperties: 1,
      },
    },
    { type: 'string', pattern: '^\\s*\\[' },
  ],
};
