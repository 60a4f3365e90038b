import { ApiError, RateLimitError } from 'scriptorium';
import type { GenerationError, Secret } from 'scriptorium';
import { baseUrl, definePlugin, secret } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import {
  chatBody,
  ChatReader,
  codesOf,
  errorInBody,
  errorOf,
  httpProvider,
  reasonOf,
  retryAfterMs,
  verdictOfStatus,
  verdictOfWords,
  waitInBody,
} from 'scriptorium/provider';
import type { Codec, FailedAnswer } from 'scriptorium/provider';

const ID = 'my-plugin';

interface Endpoint {
  readonly baseUrl: string;
  readonly apiKey: Secret | null;
}

/** How requests are written, and answers read: here, those of a chat-completions API. Bytes, sockets and cancelling are `httpProvider`'s. */
function codec({ baseUrl: base, apiKey }: Endpoint): Codec {
  return {
    id: ID,
    terminator: '[DONE]',
    encode: (request) => ({
      method: 'POST',
      url: `${base}/chat/completions`,
      headers: {
        ...request.headers,
        'content-type': 'application/json',
        ...(apiKey !== null && { authorization: `Bearer ${apiKey.reveal()}` }),
      },
      body: JSON.stringify({
        ...chatBody(request, 'instructed'),
        ...request.providerOptions[ID],
        stream: request.wire === 'sse',
      }),
    }),
    // No native prefill: a text that broke off is gone on with by an instruction.
    capabilities: () => ({ prefill: 'instructed' }),
    reader: ({ model, continuation }, { attempt }) =>
      new ChatReader({
        provider: ID,
        model,
        attempt,
        mayBeEmpty: continuation !== undefined,
        failure: errorInStream,
      }),
    classify,
  };
}

/** An error object in the middle of a good stream. */
function errorInStream(error: unknown): GenerationError {
  return new ApiError('overloaded', `${ID} gave up: ${reasonOf(errorOf(error))}`, { retryable: true });
}

/** An answer with a failing status. Its words count where they say more: the prompt is too long, the model is gone, a wait. */
function classify({ status, headers, body, now }: FailedAnswer): GenerationError {
  const error = errorInBody(body) ?? {};
  const message = `${ID} answered ${status}: ${reasonOf(error)}`;
  const waitMs = retryAfterMs(headers, now) ?? waitInBody(error);
  const details = { status, ...(waitMs !== undefined && { retryAt: now + waitMs }) };
  const { code, retryable } = verdictOfWords({ status, codes: codesOf(error), message }) ?? verdictOfStatus(status);
  return status === 429 ? new RateLimitError(message, details) : new ApiError(code, message, { ...details, retryable });
}

export interface Options {
  readonly baseUrl?: string;
  readonly apiKey?: string;
}

export const plugin = (options: Options = {}): Plugin =>
  definePlugin({
    name: ID,
    apiVersion: 1,
    config: {
      baseUrl: { doc: 'Where the API is', format: baseUrl(), default: 'http://localhost:8000/v1' },
      apiKey: { doc: 'The key, where one is needed', format: secret(), default: null },
    },
    options,
    setup: (host) => host.addProvider(httpProvider(codec(host.config))),
  });

export default plugin;
