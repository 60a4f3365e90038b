import { Observable } from 'rxjs';
import type { Subscriber } from 'rxjs';
import { toGenerationError } from '../core/errors/classify.js';
import { GenerationError } from '../core/errors/generation-error.js';
import type { GenerationEvent } from '../core/events.js';
import type { Connection, Provider } from '../core/provider.js';
import type { GenerationRequest } from '../core/request.js';
import type { WireRequest, WireResponse } from '../core/transport.js';
import { readSome, readWhole } from '../transport/read-body.js';
import { answerFrom } from './answer.js';
import { readKind } from './body-kind.js';
import type { Codec } from './codec.js';
import { pullEvents } from './pull-events.js';
import { refuseRedirect } from './redirect.js';
import { wholeCharactersIn } from './whole-characters-in.js';

/** Limits of what is held in memory: one stream event (characters), a whole JSON answer and an error's body (bytes). */
const MAX_EVENT = 16 * 1024 * 1024;
const MAX_ANSWER = 16 * 1024 * 1024;
const MAX_ERROR_BODY = 64 * 1024;
const ERROR_BODY_MS = 5_000;

/**
 * Creates a provider over HTTP from a vendor's codec. Each subscription sends one request; unsubscribing closes its
 * socket in the same tick. Reads server-sent events and whole JSON answers, whatever the content type. Half a surrogate pair
 * in the request's body goes out as U+FFFD, with a warning in the first attempt of a generation.
 * @see docs/write-a-provider.md
 * @example
 * ```ts
 * const quill = (options = {}) =>
 *   definePlugin({
 *     name: 'quill',
 *     apiVersion: 1,
 *     config: { baseUrl: { doc: 'Address of Quill', format: baseUrl(), default: 'https://quill.example/v1' } },
 *     options,
 *     setup: (host) => host.addProvider(httpProvider(quillCodec(host.config))),
 *   });
 * ```
 */
export function httpProvider(codec: Codec): Provider {
  return {
    id: codec.id,
    ...(codec.limitKeys !== undefined && { limitKeys: codec.limitKeys.bind(codec) }),
    ...(codec.billing !== undefined && { billing: codec.billing.bind(codec) }),
    ...(codec.capabilities !== undefined && { capabilities: codec.capabilities.bind(codec) }),
    generate: (request, connection) =>
      new Observable((subscriber) => {
        const controller = new AbortController();
        let isFinished = false;
        const finish = (): void => {
          isFinished = true;
        };
        const abort = (): void => {
          // Node makes an error with a stack for each call, even the second.
          if (!controller.signal.aborted) controller.abort();
        };
        void exchange({ codec, request, connection, controller, subscriber, finish }).catch((error: unknown) => {
          subscriber.error(toGenerationError(error));
          abort();
        });
        return () => {
          if (!isFinished) abort();
        };
      }),
  };
}

interface Exchange {
  readonly codec: Codec;
  readonly request: GenerationRequest;
  readonly connection: Connection;
  readonly controller: AbortController;
  readonly subscriber: Subscriber<GenerationEvent>;
  /** From here on, unsubscribing keeps the socket open, so that it can be reused. */
  readonly finish: () => void;
}

async function exchange(parts: Exchange): Promise<void> {
  const { codec, request, connection, controller, subscriber } = parts;
  const { monitor, clock, attempt, backpressure } = connection;
  const wire = mended(codec.encode(request), parts);
  const response = await connection.open(wire, controller.signal);
  if (controller.signal.aborted) return;
  if (response.status < 200 || response.status > 299) throw await failure(parts, response, wire.url);

  const reader = codec.reader(request, { headers: response.headers, attempt, now: () => clock.now() });
  const answer = answerFrom({ codec, reader, monitor, subscriber });
  const { isEvents, body } = await readKind(response, (count) => monitor.onBytes(count));
  if (isEvents) {
    const isSocketFree = await pullEvents({
      body,
      answer,
      monitor,
      clock,
      backpressure,
      maxEventCharacters: MAX_EVENT,
      finish: parts.finish,
    });
    if (!isSocketFree) controller.abort();
  } else {
    const text = await readWhole(body, MAX_ANSWER, (count) => monitor.onBytes(count));
    checkBody(parts, response, text);
    answer.takeBody(text);
    parts.finish();
    answer.end();
  }
}

/** The request with whole characters only. */
function mended(wire: WireRequest, { connection, subscriber }: Exchange): WireRequest {
  const body = wire.body === undefined ? undefined : wholeCharactersIn(wire.body);
  if (body === undefined || body === wire.body) return wire;
  if (connection.attempt === 1) subscriber.next({ type: 'warning', message: HALF_A_CHARACTER });
  return { ...wire, body };
}

const HALF_A_CHARACTER =
  'The request contains half a surrogate pair, which is sent as U+FFFD. Cut texts between two characters.';

async function failure(
  { codec, connection: { clock } }: Exchange,
  response: WireResponse,
  url: string,
): Promise<GenerationError> {
  const { status, headers } = response;
  if (status >= 300 && status <= 399) return refuseRedirect(url, status, headers.get('location'));
  const body = await readSome(response.body, { maxBytes: MAX_ERROR_BODY, withinMs: ERROR_BODY_MS, clock });
  return codec.classify({ status, headers, body, now: clock.now() });
}

/** Rejects an empty body and a proxy's HTML page, whatever the status. */
function checkBody({ codec, connection }: Exchange, { status, headers }: WireResponse, body: string): void {
  if (body.trim() === '')
    throw new GenerationError('empty-answer', `The server answered ${status} with an empty body.`, {
      retryable: true,
      status,
    });
  if (body.trimStart().startsWith('<')) throw codec.classify({ status, headers, body, now: connection.clock.now() });
}
