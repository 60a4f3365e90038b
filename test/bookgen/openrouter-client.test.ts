import assert from 'node:assert';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lastValueFrom, take, toArray } from 'rxjs';
import { AbortError, ConfigError, InterruptedError, TimeoutError, tokens } from 'scriptorium';
import {
  APIException,
  OpenRouterClient,
  OpenRouterException,
  RateLimitException,
  RetryException,
} from 'scriptorium/bookgen';
import type { OpenRouterClientConfig } from 'scriptorium/bookgen';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { CANARY, failureOf, pipelineTo } from '../support/pipelines.js';
import { scriptServer } from '../support/script-server.js';
import { chunked, delta, DONE, finish } from '../support/wire.js';

let emulator: Emulator;
const clients: OpenRouterClient[] = [];
beforeEach(async () => {
  emulator = await startEmulator({ words: 20 });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await emulator.close();
});

/** A client of the emulator that knows nothing of the process's environment. */
function aClient(
  config: OpenRouterClientConfig = {},
  variables: Readonly<Record<string, string>> = {},
): OpenRouterClient {
  const environment = {
    OPENROUTER_API_KEY: CANARY,
    OPENROUTER_BASE_URL: emulator.url,
    OPENROUTER_MODEL: 'a/model',
    SCRIPTORIUM_LOGGING_LEVEL: 'silent',
    SCRIPTORIUM_RETRY_BASE_MS: '1',
    ...variables,
  };
  const client = new OpenRouterClient({ environment, ...config });
  clients.push(client);
  return client;
}

const bodyOf = (index: number) => emulator.requests[index]!.body as Readonly<Record<string, unknown>>;
const wholeText = () => emulator.textFor({ model: 'a/model', messages: [{ role: 'user', content: 'Test prompt' }] });

describe('the constructor of OpenRouterClient', () => {
  it('passes the acceptance check with only the environment', async () => {
    const before = { ...process.env };
    Object.assign(process.env, {
      OPENROUTER_BASE_URL: emulator.url,
      OPENROUTER_API_KEY: 'k',
      SCRIPTORIUM_LOGGING_LEVEL: 'silent',
    });
    try {
      const client = new OpenRouterClient();
      clients.push(client);
      const response = await client.generateText('Test prompt');
      assert(response.length > 0);
      assert(client.getUsageStats().requests > 0);
    } finally {
      for (const name of ['OPENROUTER_BASE_URL', 'OPENROUTER_API_KEY', 'SCRIPTORIUM_LOGGING_LEVEL']) {
        if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[name];
      }
    }
    expect(bodyOf(0)).toMatchObject({
      model: 'qwen/qwen2.5-vl-72b-instruct:free',
      temperature: 0.7,
      top_p: 0.9,
      max_tokens: 8192,
      stream: true,
    });
  });

  it('throws at once, synchronously, without a key', () => {
    expect(() => new OpenRouterClient({ environment: {} })).toThrow(ConfigError);
    expect(() => new OpenRouterClient({ environment: {} })).toThrow(
      /plugins\.openrouter\.apiKey .* is required: set OPENROUTER_API_KEY/,
    );
  });

  it('throws at once for a bad value and a misspelt key', () => {
    expect(() => aClient({}, { OPENROUTER_TEMPERATURE: 'hot' })).toThrow(
      /defaults\.temperature \(from OPENROUTER_TEMPERATURE\) is "hot"/,
    );
    expect(() => aClient({ retry: { maxAtempts: 1 } } as OpenRouterClientConfig)).toThrow(
      /Did you mean "retry\.maxAttempts"/,
    );
  });

  it('sends nothing before the first call', async () => {
    const client = aClient();
    client.generateTextStreaming('Test prompt');
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect([emulator.requests.length, client.getUsageStats().requests]).toEqual([0, 0]);
  });

  it('takes its own configuration before the environment', async () => {
    const client = aClient({ defaults: { model: 'own/model', maxTokens: 5_000 } }, { OPENROUTER_MAX_TOKENS: '7' });
    await client.generateText('Test prompt', { maxTokens: 5 });
    await client.generateText('Test prompt');
    expect([bodyOf(0), bodyOf(1)]).toMatchObject([
      { model: 'own/model', max_tokens: 5 },
      { model: 'own/model', max_tokens: 5_000 },
    ]);
  });

  it('keeps the environment of its creation, though that changes before the first call', async () => {
    const environment: NodeJS.ProcessEnv = {
      OPENROUTER_API_KEY: 'k',
      OPENROUTER_BASE_URL: emulator.url,
      OPENROUTER_MODEL: 'a/model',
      SCRIPTORIUM_LOGGING_LEVEL: 'silent',
    };
    const client = aClient({ environment });
    environment.OPENROUTER_API_KEY = '';
    environment.OPENROUTER_BASE_URL = 'http://127.0.0.1:1';
    expect(await client.generateText('Test prompt')).toBe(wholeText());
  });

  it('shows no key when it is printed', async () => {
    const client = aClient({ plugins: { openrouter: { apiKey: `${CANARY}-program` } } });
    await client.generateText('Test prompt');
    expect(inspect(client, { showHidden: true, depth: 10 })).not.toContain('canary');
  });
});

describe('generateText', () => {
  it('sends the given options, and only those', async () => {
    const client = aClient();
    await client.generateText('Test prompt', {
      systemPrompt: 'You write.',
      temperature: 0,
      topP: 0,
      maxTokens: 500,
      model: 'b/model',
    });
    await client.generateText('Test prompt');
    expect(bodyOf(0)).toMatchObject({
      temperature: 0,
      top_p: 0,
      max_tokens: 500,
      model: 'b/model',
      messages: [
        { role: 'system', content: 'You write.' },
        { role: 'user', content: 'Test prompt' },
      ],
    });
    expect(bodyOf(1)).toMatchObject({
      temperature: 0.7,
      top_p: 0.9,
      max_tokens: 8192,
      model: 'a/model',
      messages: [{ role: 'user', content: 'Test prompt' }],
    });
  });

  it('sends a configured temperature of 0 as 0', async () => {
    await aClient({}, { OPENROUTER_TEMPERATURE: '0' }).generateText('Test prompt');
    expect(bodyOf(0).temperature).toBe(0);
  });

  it('rejects an unknown option, and an invalid one', async () => {
    const client = aClient();
    expect((await failureOf(client.generateText('Test prompt', { temprature: 1 } as object))).message).toContain(
      'Did you mean "temperature"?',
    );
    expect((await failureOf(client.generateText('Test prompt', { temperature: 5 }))).message).toContain(
      'temperature is 5',
    );
    expect((await failureOf(client.generateText(''))).message).toContain('prompt is empty');
    expect([emulator.requests.length, client.getUsageStats().failedRequests]).toEqual([0, 3]);
  });

  it('ends by timeoutMs and by signal', async () => {
    const client = aClient();
    emulator.script({ stall: 'before-headers' }, { stall: 'before-headers' });
    expect(await failureOf(client.generateText('Test prompt', { timeoutMs: 30 }))).toBeInstanceOf(TimeoutError);
    const controller = new AbortController();
    const work = failureOf(client.generateText('Test prompt', { signal: controller.signal }));
    await eventually(() => emulator.requests.length === 2);
    controller.abort();
    expect(await work).toBeInstanceOf(AbortError);
    await eventually(() => emulator.openSockets() === 0);
  });
});

describe("BookGen's error names match with instanceof", () => {
  it.each([
    [RateLimitException, { status: 429 }, 1],
    [RateLimitException, { status: 429 }, 4],
    [APIException, { status: 503 }, 1],
    [RetryException, { status: 503 }, 4],
  ] as const)('%p for %j in %i attempts', async (Kind, fault, attempts) => {
    const client = aClient({ retry: { maxAttempts: attempts, baseMs: 1, capMs: 2 } });
    emulator.script(...Array.from({ length: attempts }, () => fault));
    const error = await failureOf(client.generateText('Test prompt'));
    expect(error).toBeInstanceOf(Kind);
    expect(error).toBeInstanceOf(OpenRouterException);
    expect(error instanceof APIException).toBe(Kind !== RateLimitException);
    expect(error.attempts).toHaveLength(attempts);
    expect(client.getUsageStats().errors).toMatchObject([{ code: error.code, message: error.message }]);
  });

  it('APIException for a rejected key, OpenRouterException for a request that never reached the vendor', async () => {
    emulator.script({ status: 401 });
    const refused = await failureOf(aClient().generateText('Test prompt'));
    expect([refused instanceof APIException, refused instanceof RateLimitException, refused.code]).toEqual([
      true,
      false,
      'authentication',
    ]);
    const invalid = await failureOf(aClient().generateText('Test prompt', { temperature: 9 }));
    expect([invalid instanceof OpenRouterException, invalid instanceof APIException, invalid.code]).toEqual([
      true,
      false,
      'invalid-input',
    ]);
  });
});

describe.each(['generateText', 'generateTextStreaming'] as const)('an incomplete text, by %s,', (way) => {
  const ask = (client: OpenRouterClient, maxTokens?: number): Promise<string> => {
    const options = maxTokens === undefined ? {} : { maxTokens };
    return way === 'generateText'
      ? client.generateText('Test prompt', options)
      : lastValueFrom(client.generateTextStreaming('Test prompt', options).pipe(toArray())).then((pieces) =>
          pieces.join(''),
        );
  };

  const GOES_ON_EXACTLY = { plugins: { openrouter: { prefill: { 'a/model': 'exact' } } } } as const;

  it.each([
    ['goes on at the very next character', GOES_ON_EXACTLY, '5'],
    ['has to bring the last words back', {}, '16'],
  ] as const)('is continued if the configured cap cut it, by a model that %s', async (_, config, cap) => {
    expect(await ask(aClient(config, { OPENROUTER_MAX_TOKENS: cap }))).toBe(wholeText());
    expect(emulator.requests.length).toBeGreaterThan(2);
    expect(emulator.requests[0]!.text).not.toBe(wholeText());
  });

  it.each([0, 2])(
    'is thrown with its partial if the configured cap cut it and only %i splices are allowed',
    async (maxSegments) => {
      const error = await failureOf(
        ask(aClient({ ...GOES_ON_EXACTLY, continuity: { maxSegments } }, { OPENROUTER_MAX_TOKENS: '5' })),
      );
      expect(error).toBeInstanceOf(InterruptedError);
      expect(error.message).toContain('raise defaults.maxTokens or continuity.maxSegments, or pass maxTokens');
      expect(emulator.requests).toHaveLength(maxSegments + 1);
      expect(error.partial!.text).toBe(emulator.requests.map(({ text }) => text).join(''));
      expect(wholeText().startsWith(error.partial!.text)).toBe(true);
      expect(error.partial!.usage).toMatchObject({ outputTokens: 5 * (maxSegments + 1), source: 'reported' });
      expect(error.attempts.map(({ outcome }) => outcome)).toEqual(emulator.requests.map(() => 'success'));
    },
  );

  it("is returned if the caller's own cap cut it", async () => {
    const text = await ask(aClient(), 5);
    expect(text).toBe(emulator.requests[0]!.text);
    expect(wholeText().startsWith(text)).toBe(true);
    expect(text).not.toBe(wholeText());
  });

  it('is resumed if the connection broke', async () => {
    emulator.script({ reset: { afterDeltas: 6 } }, { reset: { afterDeltas: 14 } });
    expect(await ask(aClient())).toBe(wholeText());
    expect(emulator.requests).toHaveLength(3);
  });

  it.each([
    ['is not to be resumed', { onBreak: 'fail' }],
    ['has no splice left', { maxSegments: 0 }],
  ] as const)('is thrown with its partial if the connection broke and it %s', async (_, continuity) => {
    emulator.script({ reset: { afterDeltas: 6 } });
    const error = await failureOf(ask(aClient({ continuity })));
    expect(error).toBeInstanceOf(InterruptedError);
    expect(error.partial!.text).not.toBe('');
    expect(emulator.requests[0]!.text.startsWith(error.partial!.text)).toBe(true);
    expect(emulator.requests).toHaveLength(1);
  });

  it('is thrown with its partial if a content filter ended it', async () => {
    const server = await scriptServer([
      { request: true },
      { write: chunked(delta('Once upon') + finish('content_filter') + DONE) },
    ]);
    const error = await failureOf(ask(aClient({ plugins: { openrouter: { baseUrl: server.url } } })));
    await server.close();
    expect(error).toBeInstanceOf(InterruptedError);
    expect(error.message).toContain('content_filter');
    expect(error.partial!.text).toBe('Once upon');
  });
});

describe("a text cut by the caller's own cap", () => {
  it('leaves a warning in the log', async () => {
    const warnings: string[] = [];
    const nothing = (): void => undefined;
    const logger = {
      debug: nothing,
      info: nothing,
      warn: (message: string) => void warnings.push(message),
      error: nothing,
    };
    const pipeline = await pipelineTo(
      emulator.url,
      {},
      { register: (container) => container.register(tokens.LOGGER, { useValue: logger }) },
    );
    expect(await lastValueFrom(pipeline.text({ prompt: 'Test prompt', maxTokens: 5 }).pipe(toArray()))).not.toEqual([]);
    await lastValueFrom(pipeline.text({ prompt: 'Test prompt' }).pipe(toArray()));
    await pipeline.dispose();
    expect(warnings).toEqual(['the text was cut at the token cap that was asked for']);
  });
});

describe('generateTextStreaming', () => {
  it('streams the text, cold: each subscription is a call', async () => {
    const text$ = aClient().generateTextStreaming('Test prompt');
    const pieces = await lastValueFrom(text$.pipe(toArray()));
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join('')).toBe(wholeText());
    await lastValueFrom(text$);
    expect(emulator.requests).toHaveLength(2);
  });

  it('is cancelled by unsubscribing', async () => {
    emulator.script({ stall: { afterDeltas: 2 } });
    const client = aClient();
    expect(await lastValueFrom(client.generateTextStreaming('Test prompt').pipe(take(1)))).not.toBe('');
    await eventually(() => emulator.openSockets() === 0);
    expect(client.getUsageStats()).toMatchObject({ requests: 1, successfulRequests: 0, failedRequests: 0 });
  });
});

describe('getUsageStats', () => {
  it("counts under BookGen's names", async () => {
    const client = aClient();
    await client.generateText('Test prompt');
    emulator.script({ status: 400 });
    await failureOf(client.generateText('Test prompt'));
    const { usage, cost } = emulator.requests[0]!;
    const stats = client.getUsageStats();
    expect(stats).toMatchObject({
      requests: 2,
      successfulRequests: 1,
      failedRequests: 1,
      totalTokens: usage!.total_tokens,
      totalPromptTokens: usage!.prompt_tokens,
      totalCompletionTokens: usage!.completion_tokens,
      totalCost: cost,
      successRate: 0.5,
      errors: [{ code: 'bad-request' }],
    });
    expect(Object.keys(stats).sort()).toEqual([
      'errors',
      'failedRequests',
      'requests',
      'startTime',
      'successRate',
      'successfulRequests',
      'totalCompletionTokens',
      'totalCost',
      'totalPromptTokens',
      'totalTokens',
      'uptimeSeconds',
    ]);
  });

  it('counts time from the creation of the client, before and after the first call', async () => {
    const client = aClient();
    const before = client.getUsageStats();
    expect(before).toMatchObject({ requests: 0, totalCost: 0, successRate: 1, errors: [] });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await client.generateText('Test prompt');
    const after = client.getUsageStats();
    expect(after.startTime).toBe(before.startTime);
    expect(after.startTime).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(after.uptimeSeconds).toBeGreaterThan(before.uptimeSeconds);
    const sinceMs = Date.now() - Date.parse(after.startTime);
    expect(after.uptimeSeconds).toBeLessThanOrEqual((sinceMs + 1) / 1_000);
  });

  it('restarts with resetStats, also before the first call', async () => {
    const client = aClient();
    const { startTime } = client.getUsageStats();
    await new Promise((resolve) => setTimeout(resolve, 2));
    client.resetStats();
    expect(client.getUsageStats().startTime > startTime).toBe(true);
    await client.generateText('Test prompt');
    client.resetStats();
    expect(client.getUsageStats()).toMatchObject({ requests: 0, totalTokens: 0 });
  });
});

describe('close', () => {
  it('aborts running calls, closes the connections, and later calls fail', async () => {
    emulator.script({ stall: 'before-headers' });
    const client = aClient();
    const work = failureOf(client.generateText('Test prompt'));
    await eventually(() => emulator.requests.length === 1);
    await client.close();
    await client.close();
    expect(await work).toBeInstanceOf(AbortError);
    await eventually(() => emulator.openSockets() === 0);
    expect(await failureOf(client.generateText('Test prompt'))).toBeInstanceOf(AbortError);
    expect(client.getUsageStats().requests).toBe(1);
  });

  it('before the first call closes as well', async () => {
    const client = aClient();
    await client.close();
    expect(await failureOf(client.generateText('Test prompt'))).toMatchObject({
      name: 'AbortError',
      message: 'The client is closed. Create a new one.',
    });
    expect(await failureOf(lastValueFrom(client.generateTextStreaming('Test prompt')))).toBeInstanceOf(AbortError);
  });

  it('does not fail if the pipeline could not be built', async () => {
    const client = aClient({ load: ['./absent.mjs'] });
    expect(await failureOf(client.generateText('Test prompt'))).toBeInstanceOf(ConfigError);
    await client.close();
  });
});

describe('two clients and a pipeline', () => {
  it('live side by side without touching each other', async () => {
    const other = await startEmulator({ words: 5, seed: 2 });
    const [one, two] = [aClient(), aClient({ plugins: { openrouter: { baseUrl: other.url } } })];
    const pipeline = await pipelineTo(other.url);
    other.script({ status: 400 });
    await failureOf(two.generateText('Test prompt'));
    const [text] = await Promise.all([
      one.generateText('Test prompt'),
      two.generateText('Test prompt'),
      pipeline.generate({ prompt: 'Begin.' }),
      pipeline.generate({ prompt: 'Begin.' }),
    ]);
    expect(text).toBe(wholeText());
    expect(
      [one.getUsageStats(), two.getUsageStats()].map(({ requests, failedRequests }) => [requests, failedRequests]),
    ).toEqual([
      [1, 0],
      [2, 1],
    ]);
    expect(pipeline.stats().requests).toBe(2);
    expect([emulator.requests.length, other.requests.length]).toEqual([1, 4]);
    await two.close();
    expect((await pipeline.generate({ prompt: 'Begin.' })).text).not.toBe('');
    expect(await one.generateText('Test prompt')).toBe(text);
    await pipeline.dispose();
    await other.close();
  });
});
