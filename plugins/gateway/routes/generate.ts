import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, tap } from 'rxjs';
import { collect, GenerationError, InterruptedError } from 'scriptorium';
import type { GenerationEnd, GenerationEvent, GenerationInput, GenerationResult } from 'scriptorium/plugin';
import { asObject, asText, chatFailure } from 'scriptorium/provider';
import type { Client } from '../access/client.js';
import { mayWatch } from '../access/may-watch.js';
import { Bills } from '../answers/spent.js';
import type { GatewayParts } from '../parts.js';
import { knownError } from '../server/failures.js';
import { answer, DETAIL, GENERATED } from './answer-schemas.js';
import { askedOf } from './asked.js';
import { bookgenStats } from './bookgen-stats.js';
import { OwnTotals } from './own-totals.js';

const SCHEMA = {
  summary: 'Generates a text from a prompt in the query or in the body',
  querystring: { type: 'object', properties: { prompt: { type: 'string' } } },
  response: {
    200: answer('The text, and the totals', GENERATED),
    '4xx': answer('The request was refused', DETAIL),
    '5xx': answer('The generation failed', DETAIL),
  },
};

/** `POST /generate` of BookGen's service: a text, and the totals. A failure is `{ detail }`, as FastAPI has it. */
export function addGenerate(app: FastifyInstance, parts: GatewayParts): void {
  const bills = new Bills();
  const own = new OwnTotals(parts.clock.now());
  app.post('/generate', {
    schema: SCHEMA,
    handler: async (request, reply) => {
      const asked = askedOf(request);
      const client = parts.access.clientOf(asked);
      const input = parts.access.inputOf({ prompt: promptOf(request) }, client, asked);
      const content = await textOf({ input, client, request, reply, bills, own }, parts);
      const totals = mayWatch(client) ? parts.pipeline.stats() : own.of(client.name);
      return { content, stats: bookgenStats(totals, parts.clock.now()) };
    },
    errorHandler: (error, request, reply) => {
      const { status, headers, detail } = failureOf(error, request, parts.clock.now());
      if (status === 500 && !GenerationError.is(error))
        parts.pipeline.logger.error(`POST /generate failed: ${error.stack ?? error.message}`);
      void reply.code(status).headers(headers).send({ detail });
    },
  });
}

function promptOf({ query, body }: FastifyRequest): string {
  const prompt = asText(asObject(query)?.prompt) ?? asText(asObject(body)?.prompt);
  if (prompt !== undefined && prompt !== '') return prompt;
  throw new GenerationError(
    'invalid-input',
    'The prompt is missing. Send it in the query, as ?prompt=…, or as JSON: {"prompt": "…"}.',
    { status: 422 },
  );
}

/** A prompt that may be answered. */
interface Order {
  readonly bills: Bills;
  readonly own: OwnTotals;
  readonly input: GenerationInput;
  readonly client: Client;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function textOf(
  { input, client, request, reply, bills, own }: Order,
  { access, calls, clock }: GatewayParts,
): Promise<string> {
  const leaving = new AbortController();
  reply.raw.once('close', () => leaving.abort());
  const job = {
    client,
    input,
    isStream: false,
    idempotencyKey: undefined,
    path: request.url,
    body: JSON.stringify(request.body ?? null),
  };
  const known = calls.known(job) ?? (await calls.elsewhere?.(job));
  const admitted =
    known === undefined ? await access.admit(client, AbortSignal.any([leaving.signal, client.signal])) : undefined;
  let end: GenerationEnd | undefined;
  let failure: GenerationError | undefined;
  try {
    const call = known ?? calls.open(job);
    reply.raw.once('finish', () => call.delivered());
    leaving.signal.addEventListener('abort', () => {
      if (!reply.raw.writableFinished) call.abandon();
    });
    const noteEnd = tap((event: GenerationEvent) => {
      if (event.type === 'generation-end') end = event;
    });
    return wholeTextOf(await lastValueFrom(from(call.events()).pipe(noteEnd, collect(input))));
  } catch (error) {
    failure = GenerationError.is(error) ? error : new GenerationError('internal', 'The request failed.');
    throw error;
  } finally {
    const spent = bills.of(end ?? failure);
    admitted?.release(spent);
    own.add(client.name, { spent, error: failure, now: clock.now() });
  }
}

/** The answer has no place to say that its text was cut. */
function wholeTextOf({ text, finishReason: { unified, raw }, provider, model }: GenerationResult): string {
  if (unified === 'stop' || unified === 'other') return text;
  throw new InterruptedError(
    `The text is not whole: the model stopped with "${raw ?? unified}". Raise defaults.maxTokens or continuity.maxSegments if it was cut at a token cap.`,
    { provider, model },
  );
}

/** A request that was refused keeps its status; a generation that failed is 500. */
function failureOf(error: unknown, request: FastifyRequest, now: number): Failure {
  const known = knownError(error, request);
  const { status, retryAfterS } = chatFailure(known, { dialect: 'openai', now });
  if (!GenerationError.is(known)) return { status, headers: {}, detail: 'The request failed for an unknown reason.' };
  const hasBegun = known.attempts.length > 0 || known.generationId !== undefined;
  return {
    status: hasBegun ? 500 : status,
    headers: retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) },
    detail: known.message,
  };
}

interface Failure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly detail: string;
}
