import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { firstValueFrom, lastValueFrom, of, toArray } from 'rxjs';
import { createPipeline, RateLimitError, Secret, tokens } from 'scriptorium';
import type { ConfigInput, GenerationError, GenerationEvent, Pipeline, Usage } from 'scriptorium';
import type { Logger, Plugin, Provider } from 'scriptorium/plugin';
import { anthropic } from 'scriptorium/plugins/anthropic';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { accountName } from 'scriptorium/provider';
import { FakeTransport, ManualClock, MemorySink } from 'scriptorium/testing';
import type { FakeAnswer } from 'scriptorium/testing';
import { aPlugin } from '../plugins/a-plugin.js';
import { failureOf } from '../support/pipelines.js';
import { data, delta, DONE } from '../support/wire.js';

const NOW = Date.UTC(2026, 10, 27, 15);
const folder = mkdtempSync(join(tmpdir(), 'scriptorium-numbers-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Scene {
  readonly pipeline: Pipeline;
  readonly sink: MemorySink;
  readonly warnings: string[];
}

interface SceneOptions {
  readonly answers?: readonly FakeAnswer[];
  readonly plugins?: readonly Plugin[];
  readonly config?: ConfigInput;
}

async function scene({ answers = [], plugins = [], config = {} }: SceneOptions): Promise<Scene> {
  const [sink, warnings] = [new MemorySink(), [] as string[]];
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (line) => void warnings.push(line),
    error: () => undefined,
  };
  const pipeline = await createPipeline({
    environment: {},
    plugins: [...plugins, openrouter({ apiKey: 'sk-or-1' }), aPlugin('memory', (host) => host.addStatSink(sink))],
    config: { defaults: { model: 'a/model' }, retry: { maxAttempts: 1 }, ...config },
    register: (container) => {
      container.register(tokens.TRANSPORT, { useValue: new FakeTransport(...answers) });
      container.register(tokens.LOGGER, { useValue: logger });
      container.register(tokens.CLOCK, { useValue: new ManualClock(NOW) });
    },
  });
  return { pipeline, sink, warnings };
}

const sse = { 'content-type': 'text/event-stream' };
const answerWith = (usage: unknown): FakeAnswer => ({
  headers: sse,
  body: [
    delta('Eight characters, twice.'),
    data({ id: 'gen-1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage }),
    DONE,
  ],
});

/** The estimates of the prompt "Begin." and of the answer. */
const ESTIMATE = { inputTokens: 2, outputTokens: 6 };

describe('the usage of an answer', () => {
  it.each<[string, object, Partial<Usage>]>([
    [
      'a negative cost',
      { prompt_tokens: 5, completion_tokens: 4, cost: -1 },
      { inputTokens: 5, outputTokens: 4, source: 'reported' },
    ],
    [
      'a huge cost',
      { prompt_tokens: 5, completion_tokens: 4, cost: 1e300 },
      { inputTokens: 5, outputTokens: 4, source: 'reported' },
    ],
    [
      'a cost of a million',
      { prompt_tokens: 5, completion_tokens: 4, cost: 1e6 },
      { inputTokens: 5, outputTokens: 4, source: 'reported' },
    ],
    [
      'negative tokens',
      { prompt_tokens: -1e6, completion_tokens: -5, cost: 0.5 },
      { ...ESTIMATE, costUsd: 0.5, source: 'estimated' },
    ],
    ['huge tokens', { prompt_tokens: 1e308, completion_tokens: 1e308 }, { ...ESTIMATE, source: 'estimated' }],
    [
      '2³¹ tokens',
      { prompt_tokens: 2 ** 31, completion_tokens: 4 },
      { inputTokens: 2, outputTokens: 6, source: 'estimated' },
    ],
    [
      'half a token',
      { prompt_tokens: 5, completion_tokens: 4.5 },
      { inputTokens: 5, outputTokens: 6, source: 'estimated' },
    ],
    [
      'words for numbers',
      { prompt_tokens: 'many', completion_tokens: 4, cost: 'much' },
      { inputTokens: 2, outputTokens: 6, source: 'estimated' },
    ],
    [
      'wrong details',
      { prompt_tokens: 5, completion_tokens: 4, prompt_tokens_details: { cached_tokens: -3 } },
      { inputTokens: 5, outputTokens: 4, source: 'reported' },
    ],
  ])('counts %s as not given, keeps it in the metadata, and warns once', async (_name, usage, expected) => {
    const { pipeline, sink, warnings } = await scene({ answers: [answerWith(usage)] });
    const result = await pipeline.generate({ prompt: 'Begin.' });
    expect(result.usage).toEqual(expected);
    expect(sink.attempts.map((attempt) => attempt.usage)).toEqual([expected]);
    expect(result.providerMetadata).toMatchObject({ openrouter: { usage } });
    expect(warnings).toEqual([expect.stringMatching(/^"openrouter" sent numbers that cannot be true \(.+\)\./)]);
    expect(pipeline.stats().cost.known).toBe(expected.costUsd ?? 0);
    await pipeline.dispose();
  });

  it.each<[string, object]>([
    ['negative', { prompt_tokens: -1e6, completion_tokens: -5, cost: 0 }],
    ['huge', { prompt_tokens: 1e300, completion_tokens: 1e300 }],
    ['fractional', { prompt_tokens: 5, completion_tokens: 0.5 }],
    ['a text', { prompt_tokens: 'many', completion_tokens: 4 }],
  ])('whose counts are %s counts in a budget as the most that it can have used', async (_name, usage) => {
    const config = { budget: { processTokens: 1_000 } };
    const { pipeline } = await scene({ answers: [answerWith(usage), answerWith(usage)], config });
    const ends: unknown[] = [];
    for (let index = 0; index < 3; index += 1)
      ends.push(
        await pipeline.generate({ prompt: 'Begin.', maxTokens: 400 }).then(
          ({ finishReason }) => finishReason.unified,
          (error: unknown) => (error as GenerationError).code,
        ),
      );
    expect(ends).toEqual(['stop', 'stop', 'budget']);
    // The prompt has at most 20 tokens, with those of the template around it.
    expect(await pipeline.budgets()).toMatchObject([{ scope: 'process', spent: { tokens: 840 } }]);
    await pipeline.dispose();
  });

  it('whose counts cannot be true counts in a limit as the most that it can have used', async () => {
    const config = {
      rateLimit: { minIntervalMs: 0, tokensPerMinute: 500 },
      retry: { maxAttempts: 1, maxRetryAfterMs: 0 },
    };
    const usage = { prompt_tokens: -1e6, completion_tokens: -5 };
    const { pipeline } = await scene({ answers: [answerWith(usage), answerWith(usage)], config });
    await pipeline.generate({ prompt: 'Begin.', maxTokens: 400 });
    // 1 token more than the window has left; with the text alone it would have fitted.
    const next = await firstValueFrom(pipeline.stream({ prompt: 'Begin.', maxTokens: 79 }));
    expect(next).toMatchObject({ type: 'waiting', for: 'rate-limit' });
    await pipeline.dispose();
  });

  it.each([
    ['input_tokens', { input_tokens: -4, output_tokens: 3 }],
    ['cache_read_input_tokens', { input_tokens: 4, cache_read_input_tokens: 1e300, output_tokens: 3 }],
  ])('of Anthropic is estimated if %s cannot be true, and has no cost', async (field, usage) => {
    const { pipeline, warnings } = await scene({
      answers: [
        {
          body: [
            JSON.stringify({
              type: 'message',
              id: 'msg_1',
              content: [{ type: 'text', text: 'Eight characters, twice.' }],
              stop_reason: 'end_turn',
              usage,
            }),
          ],
        },
      ],
      plugins: [anthropic({ apiKey: 'sk-ant-1', prices: { '*': { input: 3, output: 15 } } })],
    });
    const result = await pipeline.generate({
      provider: 'anthropic',
      model: 'claude',
      prompt: 'Begin.',
      maxTokens: 100,
    });
    expect(result.usage).toMatchObject({ inputTokens: 2, outputTokens: 6, source: 'estimated' });
    expect(result.usage).not.toHaveProperty('costUsd');
    expect(warnings).toEqual([expect.stringContaining(field)]);
    await pipeline.dispose();
  });

  it('of a provider without the codecs of the package is checked, too', async () => {
    const end: GenerationEvent = {
      type: 'generation-end',
      finishReason: { unified: 'stop', raw: null },
      usage: { inputTokens: NaN, outputTokens: 3, costUsd: Infinity, source: 'reported' },
      servedFrom: 'provider',
      provider: 'mine',
      model: 'm',
    };
    const mine: Provider = {
      id: 'mine',
      generate: () => of<GenerationEvent[]>({ type: 'text-delta', delta: 'Once.' }, end),
    };
    const { pipeline, warnings } = await scene({ plugins: [aPlugin('mine', (host) => host.addProvider(mine))] });
    const { usage } = await pipeline.generate({ provider: 'mine', prompt: 'Begin.' });
    expect(usage).toEqual({ inputTokens: 2, outputTokens: 3, source: 'estimated' });
    expect(warnings).toEqual([expect.stringMatching(/^The provider "mine" sent numbers .*inputTokens: NaN/)]);
    await pipeline.dispose();
  });

  it('of an interceptor is checked, too', async () => {
    const { pipeline } = await scene({
      answers: [answerWith({ prompt_tokens: 5, completion_tokens: 4 })],
      plugins: [
        aPlugin('doctor', (host) =>
          host.addInterceptor({
            name: 'doctor',
            phase: 'cache',
            intercept: () =>
              of<GenerationEvent[]>(
                { type: 'response-metadata', usage: { inputTokens: -1, outputTokens: 2, source: 'reported' } },
                {
                  type: 'generation-end',
                  finishReason: { unified: 'stop', raw: null },
                  usage: { inputTokens: 1, outputTokens: 1, costUsd: -7, source: 'reported' },
                  servedFrom: 'cache',
                  provider: 'openrouter',
                  model: 'm',
                },
              ),
          }),
        ),
      ],
    });
    const events = await lastValueFrom(pipeline.stream({ prompt: 'Begin.' }).pipe(toArray()));
    expect(events).toContainEqual({
      type: 'response-metadata',
      usage: { inputTokens: 0, outputTokens: 2, source: 'rejected' },
    });
    expect(events.filter(({ type }) => type === 'warning')).toHaveLength(1);
    await pipeline.dispose();
  });
});

describe('a wait that a vendor names', () => {
  const daily = (extra = {}) =>
    JSON.stringify({ error: { code: 429, message: 'free-models-per-day', metadata: extra } });
  const midnight = Date.UTC(2026, 10, 28);
  it.each<[string, FakeAnswer]>([
    ['in seconds', { status: 429, headers: { 'retry-after': '9000000000000' }, body: [daily()] }],
    ['beyond all numbers', { status: 429, headers: { 'retry-after': '1e300' }, body: [daily()] }],
    ['in milliseconds', { status: 429, headers: { 'retry-after-ms': '1e300' }, body: [daily()] }],
    ['as a date', { status: 429, headers: { 'retry-after': 'Thu, 01 Jan 2099 00:00:00 GMT' }, body: [daily()] }],
    ['in nanoseconds', { status: 429, body: [daily({ headers: { 'X-RateLimit-Reset': '1795800000000000000' } })] }],
  ])('%s counts as not given if it is over a year', async (_name, answer) => {
    const stateFile = join(folder, `${_name}.json`);
    const config = { stateFile, routes: [{ model: 'other/model' }] };
    const first = await scene({ answers: [answer], config: { ...config, routes: [] } });
    expect(await failureOf(first.pipeline.generate({ prompt: 'Begin.' }))).toMatchObject({ retryAt: midnight });
    await first.pipeline.dispose();
    const next = await scene({ answers: [answerWith({})], config });
    expect(await failureOf(next.pipeline.generate({ prompt: 'Begin.' }))).toMatchObject({
      code: 'quota',
      retryAt: midnight,
    });
    await next.pipeline.dispose();
  });

  it.each([1e300, -1, NaN, Infinity, NOW + 3 * 366 * 86_400_000])(
    'as the time %d in an error of a plugin counts as not given',
    async (retryAt) => {
      const intercept = () => {
        throw new RateLimitError('Wait.', { retryAt, quota: true });
      };
      const { pipeline } = await scene({
        plugins: [aPlugin('slow', (host) => host.addInterceptor({ name: 'slow', phase: 'admit', intercept }))],
      });
      const error = await failureOf(pipeline.generate({ prompt: 'Begin.' }));
      expect({ code: error.code, retryAt: error.retryAt }).toEqual({ code: 'quota', retryAt: undefined });
      await pipeline.dispose();
    },
  );
});

describe('a state file', () => {
  const account = { id: 'openrouter', baseUrl: 'https://openrouter.ai/api/v1', apiKey: new Secret('sk-or-1') };
  const limits = `limits/${accountName(account)}`;

  it('with a pause of an hour is obeyed', async () => {
    const stateFile = join(folder, 'hour.json');
    const pausedUntil = NOW + 3_600_000;
    writeFileSync(stateFile, JSON.stringify({ [limits]: { day: 0, count: 0, pausedUntil } }));
    const { pipeline } = await scene({ answers: [answerWith({})], config: { stateFile } });
    expect(await failureOf(pipeline.generate({ prompt: 'Begin.' }))).toMatchObject({ retryAt: pausedUntil });
    await pipeline.dispose();
  });

  it.each([
    ['times and counts that cannot be true', '{ "day": 1e300, "count": -5, "pausedUntil": 1e300 }'],
    ['a pause of three years', `{ "day": 0, "count": 1, "pausedUntil": ${NOW + 3 * 366 * 86_400_000} }`],
    ['texts', '{ "day": "x", "count": "y", "pausedUntil": "z" }'],
    ['JSON nested thousands of levels deep', '['.repeat(9_000) + ']'.repeat(9_000)],
  ])('with %s is read as not given', async (name, record) => {
    const stateFile = join(folder, `${name}.json`);
    const spent = '{ "tokens": 1e300, "usd": -1e300 }';
    const day = Math.floor(NOW / 86_400_000);
    writeFileSync(stateFile, `{ "${limits}": ${record}, "spending/day/${day}": ${spent} }`);
    const { pipeline } = await scene({
      answers: [answerWith({ prompt_tokens: 5, completion_tokens: 4, cost: 0.5 })],
      config: { stateFile, budget: { dayTokens: 1_000, dayUsd: 3 }, defaults: { model: 'a/model', maxTokens: 100 } },
    });
    expect(await pipeline.generate({ prompt: 'Begin.' })).toMatchObject({ text: 'Eight characters, twice.' });
    await pipeline.dispose();
  });
});

describe('the figures of look-ups', () => {
  const answer = (json: unknown): FakeAnswer => ({ body: [JSON.stringify({ data: json })] });

  it('of a key leave out amounts that cannot be true, and warn once', async () => {
    const key = { limit: 1e300, usage: -1, usage_daily: 2, limit_remaining: -3 };
    const free = { used: -1, limit: 1e300, remaining: 3 };
    const { pipeline, warnings } = await scene({ answers: [answer({ ...key, free_model_daily_requests: free })] });
    const { raw, ...account } = await pipeline.key();
    expect(account).toEqual({ usageDailyUsd: 2, remainingUsd: -3 });
    expect(raw).toMatchObject(key);
    expect(warnings).toEqual([expect.stringMatching(/limitUsd: 1e\+300, usageUsd: -1, dailyRequests/)]);
    await pipeline.dispose();
  });

  it('of an answer leave out counts that cannot be true', async () => {
    const record = { tokens_prompt: 5, tokens_completion: -1, total_cost: 0.25, latency: 1e300, generation_time: 7 };
    const { pipeline, warnings } = await scene({ answers: [answer(record)] });
    const { raw: _, ...generation } = await pipeline.generation('gen-1');
    expect(generation).toEqual({
      id: 'gen-1',
      generationMs: 7,
      usage: { inputTokens: 5, outputTokens: 0, costUsd: 0.25, source: 'rejected' },
    });
    expect(warnings).toHaveLength(1);
    await pipeline.dispose();
  });

  it('of credits are an error if an amount cannot be true', async () => {
    const { pipeline } = await scene({ answers: [answer({ total_credits: 1e300, total_usage: 1 })] });
    expect(await failureOf(pipeline.credits())).toMatchObject({ code: 'malformed-answer' });
    await pipeline.dispose();
  });

  it('of models leave out prices and sizes that cannot be true', async () => {
    const pricing = { prompt: '0.000001', completion: '0.000002' };
    const models = [
      { id: 'a', context_length: -1, pricing: { ...pricing, request: '1e300', image: -1 } },
      { id: 'b', context_length: 1_000, pricing: { ...pricing, prompt: '1e999' } },
      { id: 'c', pricing: { ...pricing, overrides: [{ min_prompt_tokens: -5, prompt: '9' }] } },
    ];
    const { pipeline } = await scene({ answers: [{ body: [JSON.stringify({ data: models })] }] });
    const [a, b, c] = await pipeline.models({ fresh: true });
    expect({ length: a?.contextLength, price: a?.price }).toEqual({ length: undefined, price: pricing });
    expect({ length: b?.contextLength, price: b?.price }).toEqual({ length: 1_000, price: undefined });
    expect(c?.price).toEqual(pricing);
    await pipeline.dispose();
  });
});
