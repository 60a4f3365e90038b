import type { FastifyReply, FastifyRequest } from 'fastify';
import { GenerationError } from 'scriptorium';
import type { Clock, Logger } from 'scriptorium/plugin';
import { chatFailure } from 'scriptorium/provider';
import { logUnexpected } from '../log-unexpected.js';
import { dialectOf } from './dialect.js';

/** What failures need beside the error. */
export interface FailureParts {
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Makes an error handler that answers in the chat protocol's envelope. An unexpected error goes to the log, and shows no text. */
export function sendFailures({ logger, clock }: FailureParts) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const known = knownError(error, request);
    logUnexpected(logger, known, `${request.method} ${pathOf(request)}`);
    const { status, body, retryAfterS } = chatFailure(known, { dialect: dialectOf(request.url), now: clock.now() });
    if (retryAfterS !== undefined) reply.header('retry-after', retryAfterS);
    void reply.code(status).send(body);
  };
}

/** The path without the query, which may hold a prompt. */
export function pathOf({ url }: { readonly url: string }): string {
  return url.split('?', 1)[0] ?? url;
}

/** An error as it came; a refusal by Fastify as an error of ours, with a remedy. */
export function knownError(error: unknown, request: FastifyRequest): unknown {
  if (GenerationError.is(error) || !(error instanceof Error)) return error;
  const { statusCode: status, code } = error as Error & { readonly statusCode?: unknown; readonly code?: unknown };
  if (typeof status !== 'number' || status < 400 || status > 499) return error;
  return new GenerationError('invalid-input', sentenceOf(error, code, request), { status, cause: error });
}

function sentenceOf(error: Error, code: unknown, { headers, routeOptions }: FastifyRequest): string {
  switch (code) {
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return 'The body is empty. Send a JSON object.';
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return `The body has more than ${routeOptions.bodyLimit} bytes. Send a shorter one.`;
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return `The content type ${JSON.stringify(headers['content-type'] ?? '')} is not supported. Send the header "content-type: application/json".`;
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return 'The body is not as long as the header content-length says.';
    case 'FST_ERR_BAD_URL':
      return 'The path is not a valid URL. Percent-encode it.';
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return 'The body is not valid JSON. Send a JSON object.';
    case 'FST_ERR_VALIDATION':
      return `${error.message}.`;
    default:
      return error.message;
  }
}
