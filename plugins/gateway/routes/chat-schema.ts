import { CHAT_ANSWER, FAILURES } from './answer-schemas.js';

/**
 * The description of a chat completion: the fields that most clients send. The route reads its body itself, and passes
 * further fields on to the vendor.
 */
export const CHAT = {
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
  response: {
    200: {
      description: 'The message, as one object or as chunks that end with [DONE]',
      content: { 'application/json': { schema: CHAT_ANSWER }, 'text/event-stream': { schema: { type: 'string' } } },
    },
    ...FAILURES,
  },
};
