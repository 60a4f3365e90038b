import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom } from 'rxjs';
import { collect, GenerationError, InterruptedError } from 'scriptorium';
import { sumCost } from 'scriptorium/plugin';
import type { AttemptRecord, GenerationInput, GenerationResult } from 'scriptorium/plugin';
import { asObject, asText } from 'scriptorium/provider';
import type { Client } from '../access/client.js';
import type { GatewayParts } from '../parts.js';
import { refusalOf } from '../server/failures.js';
import { askedOf } from './asked.js';
import { bookgenStats } from './bookgen-stats.js';

const SCHEMA = {
  summary: 'Generates a text from a prompt in the query or in the body',
  querystring: { type: 'object', properties: { prompt: { type: 'string' } } },
};

/** `POST /generate` of BookGen's service: a text, and the totals. A failure is `{ detail }`, as FastAPI has it. */
export function addGenerate(app: FastifyInstance, parts: GatewayParts): void {
  app.post('/generate', {
    schema: SCHEMA,
    handler: async (request, reply) => {
      const asked = askedOf(request);
      const client = parts.access.clientOf(asked);
      const input = parts.access.inputOf({ prompt: promptOf(request) }, client, asked);
      const text = await textOf({ input, client, request, reply }, parts);
      return { content: text, stats: bookgenStats(parts.pipeline.stats(), parts.clock.now()) };
    },
    errorHandler: (error, request, reply) => {
      const { status, detail } = detailOf(error, request);
      if (!GenerationError.is(error)) parts.pipeline.logger.error(`POST /generate failed: ${error.message}`);
      void reply.code(status).send({ detail });
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
  readonly input: GenerationInput;
  readonly client: Client;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function textOf({ input, client, request, reply }: Order, { access, calls }: GatewayParts): Promise<string> {
  const leaving = new AbortController();
  reply.raw.once('close', () => leaving.abort());
  const admitted = await access.admit(client, AbortSignal.any([leaving.signal, client.signal]));
  let attempts: readonly AttemptRecord[] = [];
  try {
    const call = calls.open({
      client,
      input: within(input, admitted.generationUsd),
      isStream: false,
      idempotencyKey: undefined,
      path: request.url,
      body: JSON.stringify(request.body ?? null),
    });
    reply.raw.once('finish', () => call.delivered());
    leaving.signal.addEventListener('abort', () => {
      if (!reply.raw.writableFinished) call.abandon();
    });
    const result = await lastValueFrom(from(call.events()).pipe(collect(input)));
    ({ attempts } = result);
    return wholeTextOf(result);
  } catch (error) {
    if (GenerationError.is(error) && attempts.length === 0) ({ attempts } = error);
    throw error;
  } finally {
    admitted.release(spentOn(attempts));
  }
}

/** The generation may not cost more than its client has left. */
function within(input: GenerationInput, generationUsd: number | undefined): GenerationInput {
  if (generationUsd === undefined) return input;
  const { overrides = {} } = input;
  const most = Math.min(overrides.budget?.generationUsd ?? Infinity, generationUsd);
  return { ...input, overrides: { ...overrides, budget: { ...overrides.budget, generationUsd: most } } };
}

/** The answer has no place to say that its text was cut. */
function wholeTextOf({ text, finishReason: { unified, raw }, provider, model }: GenerationResult): string {
  if (unified === 'stop') return text;
  throw new InterruptedError(
    `The text is not whole: the model stopped with "${raw ?? unified}". Raise defaults.maxTokens or continuity.maxSegments if it was cut at a token cap.`,
    { provider, model },
  );
}

function spentOn(attempts: readonly AttemptRecord[]): { readonly usd: number; readonly tokens: number } {
  const usages = attempts.map(({ usage }) => usage);
  const { known, estimated } = sumCost(usages);
  return {
    usd: known + estimated,
    tokens: usages.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0),
  };
}

/** A request that was refused keeps its status; a generation that failed is 500. */
function detailOf(error: unknown, request: FastifyRequest): { readonly status: number; readonly detail: string } {
  const known = refusalOf(error, request) ?? error;
  if (!GenerationError.is(known)) return { status: 500, detail: 'The request failed for an unknown reason.' };
  const { status = 500, attempts, generationId, message } = known;
  return { status: attempts.length === 0 && generationId === undefined ? status : 500, detail: message };
}
