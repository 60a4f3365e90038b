import { describe, expect, it } from '@jest/globals';
import { loadConfig } from 'scriptorium';
import type { ConfigInput, GenerationInput, PipelineConfig, PipelineOptions } from 'scriptorium';
import type { OpenRouterClientConfig, TextOptions } from 'scriptorium/bookgen';
import { openrouter } from 'scriptorium/plugins/openrouter';
import type { OpenRouterOptions } from 'scriptorium/plugins/openrouter';
import { openrouterSection, resolved } from '../config/sources.js';

describe('the types of the configuration', () => {
  it('let any part of it be given, and nothing that is no key or of another type', () => {
    const inputs: readonly ConfigInput[] = [
      {},
      { retry: { maxAttempts: 2 } },
      { retry: { budget: { capacity: undefined, retryCost: 7 } } },
      { defaults: { provider: null, model: 'a/model' }, plugins: { openrouter: { apiKey: 'k' } } },
      {
        load: ['./mine.js'],
        transport: 'node-fetch',
        timeouts: { headersMs: null },
        logging: { level: 'silent', format: 'json' },
      },
      // @ts-expect-error a misspelt key
      { retry: { maxAtempts: 2 } },
      // @ts-expect-error a misspelt key of a section in a section
      { retry: { budget: { size: 2 } } },
      // @ts-expect-error a misspelt section
      { retries: { maxAttempts: 2 } },
      // @ts-expect-error a text is no number
      { retry: { maxAttempts: '2' } },
      // @ts-expect-error null only where the default is null
      { retry: { maxAttempts: null } },
      // @ts-expect-error none of the choices
      { logging: { level: 'verbose' } },
    ];
    expect(inputs).toHaveLength(11);
  });

  it('are exact in what was resolved, and read-only', () => {
    const { values } = resolved();
    const level: 'silent' | 'error' | 'warn' | 'info' | 'debug' = values.logging.level;
    const attempts: number = values.retry.maxAttempts;
    const provider: string | null = values.defaults.provider;
    const interval: number | null = values.rateLimit.minIntervalMs;
    const load: readonly string[] = values.load;
    expect([level, attempts, provider, interval, load]).toEqual(['warn', 4, null, null, []]);
    const cannot = (config: PipelineConfig): void => {
      // @ts-expect-error nobody changes what was resolved
      config.retry.maxAttempts = 1;
      // @ts-expect-error a provider may be null
      const name: string = config.defaults.provider;
      // @ts-expect-error a plugin's values are known to the plugin alone
      const port: number = config.plugins.openrouter?.port;
      expect([name, port]).toBeDefined();
    };
    expect(cannot).toBeInstanceOf(Function);
  });

  it('take layers from loadConfig', () => {
    const options: PipelineOptions = { configFiles: loadConfig({ files: ['config/default.json'] }), environment: {} };
    expect(options.configFiles).toEqual([{ source: 'config/default.json', values: { logging: { level: 'silent' } } }]);
  });
});

describe('the types of what a user passes', () => {
  it('let undefined stand for what is left out, as it does at run time', () => {
    const options: PipelineOptions = {
      plugins: undefined,
      config: undefined,
      environment: {},
      container: undefined,
      register: undefined,
    };
    const text: TextOptions = { systemPrompt: undefined, maxTokens: undefined, signal: undefined };
    const ofPlugin: OpenRouterOptions = { id: undefined, apiKey: 'k', baseUrl: undefined };
    expect(openrouter(ofPlugin).id).toBe('openrouter');
    expect(resolved({ plugins: [openrouterSection(ofPlugin)] }).values.plugins.openrouter).toMatchObject({
      baseUrl: 'https://openrouter.ai/api/v1',
    });
    expect([options, text]).toHaveLength(2);
  });

  it('refuse unknown and mistyped fields of a generation', () => {
    const inputs: readonly GenerationInput[] = [
      {
        prompt: 'Begin.',
        temperature: 0,
        labels: { book: 'ada' },
        overrides: { retry: { jitter: 'none' }, timeouts: { headersMs: null } },
      },
      { messages: [{ role: 'user', content: 'Begin.' }], wire: 'json', reasoning: { effort: 'low' } },
      // @ts-expect-error a misspelt field
      { prompt: 'Begin.', temprature: 0 },
      // @ts-expect-error labels are texts
      { prompt: 'Begin.', labels: { chapter: 3 } },
      // @ts-expect-error no such role
      { messages: [{ role: 'tool', content: 'x' }] },
      // @ts-expect-error no such setting
      { prompt: 'Begin.', overrides: { retry: { maxAtempts: 1 } } },
      // @ts-expect-error an id is a text
      { prompt: 'Begin.', id: 7 },
    ];
    expect(inputs).toHaveLength(7);
  });

  it('refuse unknown options of the client', () => {
    const config: OpenRouterClientConfig = { environment: {}, defaults: { temperature: 0 } };
    const options: readonly TextOptions[] = [
      {
        systemPrompt: 'You write.',
        temperature: 0,
        maxTokens: 5,
        topP: 1,
        model: 'a/model',
        timeoutMs: 5,
        signal: new AbortController().signal,
      },
      // @ts-expect-error another library's name
      { max_tokens: 5 },
    ];
    expect([config, ...options]).toHaveLength(3);
  });
});
