// A provider for a vendor of your own, as a plugin, and the proof that it keeps what every provider promises.
import { ApiError, createPipeline, GenerationError, RateLimitError } from 'scriptorium';
import type { Secret } from 'scriptorium';
import { baseUrl, definePlugin, secret } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import {
  asNumber,
  asObject,
  asText,
  continuedMessages,
  httpProvider,
  parseObject,
  retryAfterMs,
  textIn,
  verdictOfStatus,
  waitInBody,
} from 'scriptorium/provider';
import type { AnswerReader, Codec, FinishReason, GenerationRequest, Json, ToolCall } from 'scriptorium/provider';
import { PROVIDER_PROMISES, providerOf } from 'scriptorium/testing';
import type { ProviderDialect } from 'scriptorium/testing';

// 1. The codec: how a request is written, and how answers are read. Bytes, sockets and cancelling are httpProvider's.

interface Endpoint {
  readonly baseUrl: string;
  readonly apiKey: Secret;
}

const quillCodec = ({ baseUrl: base, apiKey }: Endpoint): Codec => ({
  id: 'quill',
  encode: (request) => ({
    method: 'POST',
    url: `${base}/write`,
    headers: { 'x-quill-key': apiKey.reveal(), 'content-type': 'application/json' },
    body: JSON.stringify({
      model: request.model,
      most: request.maxTokens,
      // If a text is to be continued, it is among these messages.
      talk: continuedMessages(request, 'instructed').map(({ role, content }) => ({ role, say: textIn(content) })),
    }),
  }),
  capabilities: () => ({ prefill: 'instructed' }),
  reader: (request) => quillReader(request),
  classify: ({ status, headers, body, now }) => {
    const error = parseObject(body) ?? {};
    const message = `Quill answered ${status}: ${asText(error.message) ?? 'no reason given'}`;
    // A wait in words, "try again in 30s", counts where no header names one.
    const waitMs = retryAfterMs(headers, now) ?? waitInBody(error);
    const details = { status, ...(waitMs !== undefined && { retryAt: now + waitMs }) };
    const { code, retryable } = verdictOfStatus(status);
    return status === 429
      ? new RateLimitError(message, details)
      : new ApiError(code, message, { ...details, retryable });
  },
});

/** Quill's events are named, and count as they go: `begin`, `words`, `tool`, `count`, `done`, `error`. */
function quillReader({ model, continuation }: GenerationRequest): AnswerReader {
  const usage = { inputTokens: 0, outputTokens: 0, source: 'reported' as const };
  const calls: ToolCall[] = [];
  let [finish, hasWords]: [FinishReason | undefined, boolean] = [undefined, false];
  return {
    read: (json, emit) => {
      const event = asObject(json) ?? {};
      usage.inputTokens = asNumber(event.in) ?? usage.inputTokens;
      usage.outputTokens = asNumber(event.out) ?? usage.outputTokens;
      switch (event.type) {
        case 'words': {
          const delta = asText(event.text);
          if (delta === undefined) return false;
          hasWords = true;
          emit({ type: 'text-delta', delta });
          return true;
        }
        case 'tool':
          addPart(calls, event);
          return true;
        case 'done': {
          const raw = asText(event.why) ?? null;
          finish = { unified: raw === 'full' ? 'length' : calls.length > 0 ? 'tool-calls' : 'stop', raw };
          return false;
        }
        default:
          // An error may come as an event, or as a body of its own with a good status.
          if (event.type === 'error' || (event.type === undefined && event.message !== undefined))
            throw streamError(event);
          return false;
      }
    },
    isWhole: () => finish !== undefined,
    end: (emit) => {
      const hasContent = hasWords || calls.length > 0;
      const finishReason = checkedFinish(finish, hasContent || continuation !== undefined);
      for (const call of calls) emit(call.arguments === '' ? { ...call, arguments: '{}' } : call);
      return { type: 'generation-end', finishReason, usage, servedFrom: 'provider', provider: 'quill', model };
    },
  };
}

/** An answer must have ended, and must not be empty unless it continues a text. */
function checkedFinish(finish: FinishReason | undefined, mayEnd: boolean): FinishReason {
  if (finish === undefined)
    throw new GenerationError('truncated', 'Quill has not finished its answer.', { retryable: true });
  if (!mayEnd) throw new GenerationError('empty-answer', 'Quill sent an empty answer.', { retryable: true });
  return finish;
}

function streamError({ message }: Json): ApiError {
  return new ApiError('overloaded', `Quill gave up: ${asText(message) ?? 'no reason given'}`, { retryable: true });
}

/** A tool's arguments come in parts, which mean nothing until the last has come. */
function addPart(calls: ToolCall[], { index: position, id, name, part }: Json): void {
  const index = asNumber(position) ?? 0;
  const call = calls[index] ?? {
    type: 'tool-call',
    index,
    id: asText(id) ?? '',
    name: asText(name) ?? '',
    arguments: '',
  };
  calls[index] = { ...call, arguments: call.arguments + (asText(part) ?? '') };
}

// 2. The plugin.

const quill = (options: { readonly apiKey?: string; readonly baseUrl?: string } = {}): Plugin =>
  definePlugin({
    name: 'quill',
    apiVersion: 1,
    config: {
      apiKey: { doc: "Quill's key", format: secret(), default: null, required: true, environment: ['QUILL_API_KEY'] },
      baseUrl: { doc: 'Where Quill is', format: baseUrl(), default: 'https://quill.example/v1' },
    },
    options,
    setup: (host) => host.addProvider(httpProvider(quillCodec(host.config))),
  });

// 3. The proof: what Quill writes, and every promise. In a test runner: describeProvider('quill', { make, dialect }).

const event = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const dialect: ProviderDialect = {
  stream: ({ texts, toolCalls, finish, usage: { inputTokens, outputTokens } }) => ({
    body: [
      event('begin', { in: inputTokens }),
      ...texts.flatMap((text, index) => [
        event('words', { text }),
        event('count', { out: Math.min(index + 1, outputTokens) }),
      ]),
      ...toolCalls.flatMap(({ id, name, arguments: parts }, index) =>
        parts.map((part) => event('tool', { index, id, name, part })),
      ),
    ],
    end: [event('done', { why: finish === 'length' ? 'full' : 'ready', out: outputTokens })],
  }),
  streamError: (message) => event('error', { message }),
  errorBody: (_status, message) => JSON.stringify({ message }),
};

for (const [promise, check] of Object.entries(PROVIDER_PROMISES)) {
  await check({ make: ({ url, apiKey }) => providerOf(quill(), { baseUrl: url, apiKey }), dialect });
  console.log(`quill ${promise}`);
}

const pipeline = await createPipeline({ plugins: [quill({ apiKey: 'a-key' })] });
console.log(pipeline.describe().length > 0 ? 'ready' : 'empty');
await pipeline.dispose();
