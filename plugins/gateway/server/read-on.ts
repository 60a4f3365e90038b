import type { onSendHookHandler } from 'fastify';

/**
 * Keeps the connection of a request whose body is too large, so that the rest is read and dropped: Fastify closes it
 * otherwise, and a client that still writes loses the answer.
 */
// eslint-disable-next-line max-params -- the form of a hook of Fastify
export const readOn: onSendHookHandler = (_request, reply, payload, done) => {
  if (reply.statusCode === 413) reply.removeHeader('connection');
  done(null, payload);
};
