import { afterEach, describe, expect, it } from '@jest/globals';
import type { GenerationError, GenerationEvent, GenerationRequest } from 'scriptorium';
import type { Provider } from 'scriptorium/plugin';
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';
import type { PresetName } from 'scriptorium/plugins/openai-compatible';
import { aRequest, checkGrammar, FakeTransport, ManualClock, providerOf } from 'scriptorium/testing';
import type { FakeAnswer } from 'scriptorium/testing';
import { PRESET_NAMES, PRESETS } from '../../../plugins/openai-compatible/presets.js';
import { readerFor } from '../../../plugins/openai-compatible/reader.js';
import { SILENT_MONITOR } from '../../../src/core/monitor.js';
import { aServer } from './servers.js';
import { questionConnection } from '../../../src/core/question-connection.js';

const sse = (...chunks: readonly (object | string)[]) => ({
  headers: { 'content-type': 'text/event-stream' },
  body: [
    ...chunks.map((chunk) => `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`),
    'data: [DONE]\n\n',
  ],
});
const text = (content: unknown, finish_reason: string | null = null, more: object = {}) => ({
  id: 'c-1',
  choices: [{ index: 0, delta: { content }, finish_reason }],
  ...more,
});
const clocks: ManualClock[] = [];

afterEach(() =>
  expect(
    clocks
      .splice(0)
      .map(({ pending }) => pending)
      .filter((pending) => pending > 0),
  ).toEqual([]),
);

interface WatchedRun {
  readonly events: readonly GenerationEvent[];
  readonly text: string;
  readonly failure?: GenerationError;
  readonly end?: GenerationEvent & { readonly type: 'generation-end' };
}

async function read(
  preset: PresetName,
  answer: FakeAnswer,
  { config = {}, ...parts }: Partial<GenerationRequest> & { readonly config?: object } = {},
): Promise<WatchedRun> {
  const provider: Provider = await providerOf(openaiCompatible({ preset }), {
    apiKey: 'k',
    baseUrl: 'http://127.0.0.1:9/v1',
    ...config,
  });
  const [transport, clock] = [new FakeTransport(answer), new ManualClock()];
  clocks.push(clock);
  const events: GenerationEvent[] = [];
  const failure = await new Promise<GenerationError | undefined>((resolve) => {
    provider
      .generate(
        aRequest({ provider: preset, model: 'a-model', ...parts }),
        questionConnection((request, signal) => transport.open(request, signal, SILENT_MONITOR), clock),
      )
      .pipe(checkGrammar())
      .subscribe({ next: (event) => events.push(event), error: resolve, complete: () => resolve(undefined) });
  });
  const end = events.at(-1);
  return {
    events,
    text: events.map((event) => (event.type === 'text-delta' ? event.delta : '')).join(''),
    ...(failure && { failure }),
    ...(end?.type === 'generation-end' && { end }),
  };
}

const FINISHED = text('', 'stop');

describe('what servers say in words of their own', () => {
  it("is Groq's usage, and Groq's error", async () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2 };
    expect(
      (await read('groq', sse(text('One.'), text('', 'stop', { x_groq: { id: 'r', usage } })))).end?.usage,
    ).toEqual({ inputTokens: 3, outputTokens: 2, source: 'reported' });
    const { failure, text: before } = await read(
      'groq',
      sse(text('One.'), { choices: [], x_groq: { error: 'over capacity' } }),
    );
    expect([before, failure]).toMatchObject([
      'One.',
      { code: 'server-error', retryable: true, message: expect.stringContaining('over capacity') },
    ]);
  });

  it('is an error without an envelope', async () => {
    const { failure } = await read(
      'vllm',
      sse(text('One.'), { object: 'error', message: 'engine died', type: 'InternalServerError', code: 500 }),
    );
    expect(failure).toMatchObject({
      code: 'server-error',
      status: 500,
      retryable: true,
      message: 'vllm answered 500: engine died',
    });
  });

  it.each<[PresetName, string]>([
    ['deepseek', 'insufficient_system_resource'],
    ['vllm', 'abort'],
  ])('is a breakdown of %s as the finish reason: no whole answer ends with %s', async (preset, reason) => {
    const { failure, text: before, end } = await read(preset, sse(text('One.'), text('', reason)));
    expect([before, failure, end]).toMatchObject([
      'One.',
      { code: 'overloaded', retryable: true, message: expect.stringContaining(reason) },
      undefined,
    ]);
  });

  it.each([
    ['eos', 'stop'],
    ['model_length', 'length'],
    ['stop', 'stop'],
  ])('is the finish reason %s, which means %s', async (raw, unified) => {
    expect((await read('together', sse(text('One.', raw)))).end?.finishReason).toEqual({ unified, raw });
  });

  it("is DeepSeek's count of cached tokens", async () => {
    const usage = { prompt_tokens: 9, completion_tokens: 2, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 5 };
    expect((await read('deepseek', sse(text('One.'), text('', 'stop', { usage })))).end?.usage).toEqual({
      inputTokens: 9,
      outputTokens: 2,
      cachedInputTokens: 4,
      source: 'reported',
    });
  });

  it.each([['reasoning'], ['reasoning_content']])('are thoughts under %s', async (field) => {
    const { events } = await read(
      'vllm',
      sse({ choices: [{ index: 0, delta: { [field]: 'Hm.' } }] }, text('One.', 'stop')),
    );
    expect(events.filter(({ type }) => type === 'reasoning-delta')).toMatchObject([{ delta: 'Hm.' }]);
  });

  it("are Mistral's thoughts among the parts of the content", async () => {
    const { events, text: told } = await read(
      'mistral',
      sse(
        text([{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }]),
        text([{ type: 'text', text: 'One.' }], 'stop'),
      ),
    );
    expect(told).toBe('One.');
    expect(events.filter(({ type }) => type === 'reasoning-delta')).toMatchObject([{ delta: 'Hm.' }]);
  });

  it('are things of another shape, which break nothing', async () => {
    expect((await read('vllm', sse('7'))).failure?.code).toBe('malformed-answer');
    expect((await read('vllm', sse({ choices: [7] }))).failure?.code).toBe('malformed-answer');
    expect((await read('groq', sse({ x_groq: 7, choices: [null] }, text('One.', 'stop')))).text).toBe('One.');
  });
});

describe('what makes an answer whole', () => {
  const endless = sse(text('One.'));
  const withoutDone = { ...endless, body: endless.body.slice(0, -1) };

  it.each(PRESET_NAMES)('is a finish reason, and not [DONE] alone, for %s', async (preset) => {
    expect(await read(preset, endless)).toMatchObject({
      text: 'One.',
      failure: { code: 'truncated', retryable: true },
    });
  });

  it('is [DONE] alone for a server that is configured so, but never the mere end of the bytes', async () => {
    const config = { endsByTerminator: true };
    expect((await read('generic', endless, { config })).end?.finishReason).toEqual({ unified: 'stop', raw: null });
    expect((await read('generic', sse(text('One.', 'length')), { config })).end?.finishReason).toEqual({
      unified: 'length',
      raw: 'length',
    });
    expect((await read('generic', withoutDone, { config })).failure?.code).toBe('truncated');
  });

  it('is [DONE] alone for a preset that says so, unless the configuration says otherwise', () => {
    const preset = { ...PRESETS.generic, endsByTerminator: true };
    const whole = [null, true, false].map((endsByTerminator) => {
      const reader = readerFor(aServer('generic', { preset, endsByTerminator }))(aRequest(), {
        headers: new Headers(),
        attempt: 1,
        now: () => 0,
      });
      reader.read(text('One.'), () => undefined);
      reader.terminated?.();
      return reader.isWhole();
    });
    expect(whole).toEqual([true, true, false]);
  });
});

describe('the id of an answer', () => {
  it("is the request's, where a header tells it, and else the chunk's", async () => {
    const answer = sse(text('One.', 'stop'));
    expect(
      (await read('openai', { ...answer, headers: { ...answer.headers, 'x-request-id': 'req-7' } })).end?.responseId,
    ).toBe('req-7');
    expect((await read('ollama', answer)).end?.responseId).toBe('c-1');
  });
});

describe("Mistral's repetition of what it goes on from", () => {
  const continuation = {
    text: 'It was a dark',
    anchor: ' night ',
    instruction: 'Go on.',
    reason: 'interrupted',
    byInstruction: false,
  } as const;
  const goOn = (preset: PresetName, ...chunks: readonly (object | string)[]) =>
    read(preset, sse(...chunks), { continuation });

  it.each([
    ['whole, in one piece', ['It was a dark night', ' in May.']],
    ['whole, at the head of a piece', ['It was a dark night in', ' May.']],
    ['whole, in pieces', ['It was', ' a dark ni', 'ght', ' in May.']],
    ['not at all', [' in', ' May.']],
  ])('is taken off: %s', async (_how, pieces) => {
    expect((await goOn('mistral', ...pieces.map((piece) => text(piece)), FINISHED)).text).toBe(' in May.');
  });

  it.each([
    [['It was', ' over.'], 'It was over.'],
    [['It was'], 'It was'],
    [['It was a dark night'], ''],
  ])('leaves alone what only begins like it: %j', async (pieces, expected) => {
    const { text: told, failure } = await goOn('mistral', ...pieces.map((piece) => text(piece)), FINISHED);
    expect([told, failure]).toEqual([expected, undefined]);
  });

  it('is taken off a whole answer too, and its tool calls come after its text', async () => {
    const message = { content: 'It was', tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{}' } }] };
    const { events } = await read(
      'mistral',
      {
        headers: { 'content-type': 'application/json' },
        body: [JSON.stringify({ choices: [{ message, finish_reason: 'tool_calls' }] })],
      },
      { continuation, wire: 'json' },
    );
    expect(events.map(({ type }) => type)).toEqual([
      'response-metadata',
      'response-metadata',
      'text-delta',
      'tool-call',
      'generation-end',
    ]);
  });

  it('is no matter of servers that do not repeat', async () => {
    expect((await goOn('vllm', text('It was a dark night'), FINISHED)).text).toBe('It was a dark night');
  });

  it('of a model that is only told is not looked for: the splice needs its words', async () => {
    const byInstruction = { ...continuation, byInstruction: true };
    expect(
      (await read('mistral', sse(text('It was a dark night in May.'), FINISHED), { continuation: byInstruction })).text,
    ).toBe('It was a dark night in May.');
  });
});
