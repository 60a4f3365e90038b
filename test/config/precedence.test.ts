import { describe, expect, it } from '@jest/globals';
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';
import { variableName } from '../../src/config/keys.js';
import type { ConfigSources } from '../../src/config/resolve.js';
import { openrouterSection, problemsOf, program, resolved, sectionOf } from './sources.js';

const maxAttempts = (value: number) => ({ retry: { maxAttempts: value } });
const file = (source: string, values: object) => ({ source, values });

describe('names of models', () => {
  it('lose the blanks around them, in lists too', () => {
    const { values } = resolved({
      environment: { SCRIPTORIUM_DEFAULTS_MODEL: ' a/b ' },
      ...program({ routing: { models: [' a/c', 'a/d '] }, routes: [{ model: ' a/e ', provider: 'x' }] }),
    });
    expect([values.defaults.model, values.routing.models, values.routes]).toEqual([
      'a/b',
      ['a/c', 'a/d'],
      [{ model: 'a/e', provider: 'x' }],
    ]);
  });
});

describe('the layers of the configuration', () => {
  it('begin with the defaults of the schema', () => {
    const { values, sources } = resolved();
    expect(values).toMatchObject({
      transport: 'node-fetch',
      load: [],
      plugins: {},
      defaults: {
        provider: null,
        model: null,
        maxTokens: 8192,
        temperature: 0.7,
        topP: 0.9,
        wire: 'sse',
      },
      timeouts: { attemptMs: 300_000 },
      retry: { maxAttempts: 4, baseMs: 1_000, capMs: 60_000, jitter: 'full' },
    });
    expect(sources.size).toBe(0);
  });

  it('are taken in their order: defaults, files in turn, environment, plugin options, program', () => {
    const layers = {
      plugins: [openrouterSection({ apiKey: 'k-options' })],
      files: [
        file('a.json', {
          plugins: { openrouter: { siteTitle: 'a', siteUrl: 'http://a', baseUrl: 'http://a/v1', apiKey: 'k-a' } },
        }),
        file('b.json', { plugins: { openrouter: { siteUrl: 'http://b', baseUrl: 'http://b/v1', apiKey: 'k-b' } } }),
      ],
      environment: { OPENROUTER_BASE_URL: 'http://environment/v1', OPENROUTER_API_KEY: 'k-environment' },
    };
    const { values, sources } = resolved(layers);
    const { apiKey, ...rest } = values.plugins.openrouter!;
    expect(rest).toMatchObject({
      siteTitle: 'a',
      siteUrl: 'http://b',
      baseUrl: 'http://environment/v1',
      prefill: null,
    });
    expect((apiKey as { reveal(): string }).reveal()).toBe('k-options');
    expect(Object.fromEntries(sources)).toEqual({
      'plugins.openrouter.siteTitle': 'a.json',
      'plugins.openrouter.siteUrl': 'b.json',
      'plugins.openrouter.baseUrl': 'OPENROUTER_BASE_URL',
      'plugins.openrouter.apiKey': 'the options of openrouter()',
    });

    const over = resolved({ ...layers, ...program({ plugins: { openrouter: { apiKey: 'k-program' } } }) });
    expect((over.values.plugins.openrouter!.apiKey as { reveal(): string }).reveal()).toBe('k-program');
    expect(over.sources.get('plugins.openrouter.apiKey')).toBe('the program');
  });

  it('let an undefined option of a plugin leave the key to the environment', () => {
    const { values, sources } = resolved({
      plugins: [openrouterSection({ apiKey: undefined, siteTitle: 'options' })],
      environment: { OPENROUTER_API_KEY: 'k-environment' },
    });
    expect((values.plugins.openrouter!.apiKey as { reveal(): string }).reveal()).toBe('k-environment');
    expect(sources.get('plugins.openrouter.apiKey')).toBe('OPENROUTER_API_KEY');
  });

  it('take the options of a plugin that is named in "load" for defaults', () => {
    const section = {
      ...openrouterSection({ apiKey: 'k', siteTitle: 'options', siteUrl: 'http://o' }),
      isLoaded: true,
    };
    const { values } = resolved({
      plugins: [section],
      files: [file('a.json', { plugins: { openrouter: { siteTitle: 'a' } } })],
      environment: { OPENROUTER_BASE_URL: 'http://environment/v1' },
    });
    expect(values.plugins.openrouter).toMatchObject({
      siteTitle: 'a',
      siteUrl: 'http://o',
      baseUrl: 'http://environment/v1',
    });
  });

  it("let files and variables replace a preset's own values", () => {
    const at = (environment: NodeJS.ProcessEnv, files: ConfigSources['files'] = []) =>
      resolved({ plugins: [sectionOf(openaiCompatible({ preset: 'ollama' }))], environment, files }).values.plugins
        .ollama;
    expect(at({})).toMatchObject({ preset: 'ollama', baseUrl: null });
    expect(at({ SCRIPTORIUM_PLUGINS_OLLAMA_BASE_URL: 'http://gpu:1/v1' })).toMatchObject({
      baseUrl: 'http://gpu:1/v1',
    });
    expect(at({}, [file('a.json', { plugins: { ollama: { baseUrl: 'http://gpu:2/v1' } } })])).toMatchObject({
      baseUrl: 'http://gpu:2/v1',
    });
  });

  it('are laid over each other key by key, so that a file may set one key of a section', () => {
    const { values } = resolved({
      files: [file('a.json', { retry: { maxAttempts: 2, baseMs: 10 } }), file('b.json', maxAttempts(3))],
    });
    expect(values.retry).toMatchObject({ maxAttempts: 3, baseMs: 10, capMs: 60_000 });
  });

  it('do not hide a value by an undefined one, but by a null where null is a value', () => {
    const { values } = resolved({
      files: [file('a.json', { retry: { maxAttempts: 2 }, rateLimit: { minIntervalMs: 5 } })],
      ...program({ retry: { maxAttempts: undefined }, rateLimit: { minIntervalMs: null } }),
    });
    expect([values.retry.maxAttempts, values.rateLimit.minIntervalMs]).toEqual([2, null]);
  });

  it('replace a list as a whole', () => {
    const { values } = resolved({
      files: [file('a.json', { load: ['./a.js', './b.js'] })],
      environment: { SCRIPTORIUM_LOAD: './c.js, scriptorium-plugin-d' },
    });
    expect(values.load).toEqual(['./c.js', 'scriptorium-plugin-d']);
  });
});

const OPENROUTER = [openrouterSection({ apiKey: 'k' })];

describe('the environment', () => {
  it.each([
    ['transport', 'SCRIPTORIUM_TRANSPORT'],
    ['rateLimit.minIntervalMs', 'SCRIPTORIUM_RATE_LIMIT_MIN_INTERVAL_MS'],
    ['defaults.topP', 'SCRIPTORIUM_DEFAULTS_TOP_P'],
    ['plugins.my-plugin.apiKey', 'SCRIPTORIUM_PLUGINS_MY_PLUGIN_API_KEY'],
  ])('knows %s as %s', (path, name) => {
    expect(variableName(path)).toBe(name);
  });

  it('sets every kind of value from its text', () => {
    const { values } = resolved({
      environment: {
        SCRIPTORIUM_RETRY_MAX_ATTEMPTS: '7',
        SCRIPTORIUM_RETRY_BUDGET_CAPACITY: '100',
        SCRIPTORIUM_DEFAULTS_TEMPERATURE: '0',
        SCRIPTORIUM_RETRY_JITTER: 'none',
        SCRIPTORIUM_RATE_LIMIT_MIN_INTERVAL_MS: '250',
      },
    });
    expect(values).toMatchObject({
      retry: { maxAttempts: 7, jitter: 'none', budget: { capacity: 100, retryCost: 14 } },
      defaults: { temperature: 0 },
      rateLimit: { minIntervalMs: 250 },
    });
  });

  it("knows BookGen's own names", () => {
    const { values } = resolved({
      plugins: [openrouterSection()],
      environment: {
        OPENROUTER_API_KEY: 'sk-book',
        OPENROUTER_BASE_URL: 'http://127.0.0.1:1/api/v1',
        OPENROUTER_MODEL: 'a/model',
        OPENROUTER_MAX_TOKENS: '100',
        OPENROUTER_TEMPERATURE: '0.2',
        OPENROUTER_TOP_P: '1',
        OPENROUTER_TIMEOUT: '45',
        SITE_URL: 'https://books.example',
        SITE_TITLE: 'Books',
      },
    });
    expect(values.defaults).toMatchObject({ model: null, maxTokens: 100, temperature: 0.2, topP: 1 });
    expect(values.timeouts.attemptMs).toBe(45_000);
    expect(values.plugins.openrouter).toMatchObject({
      model: 'a/model',
      baseUrl: 'http://127.0.0.1:1/api/v1',
      siteUrl: 'https://books.example',
      siteTitle: 'Books',
    });
  });

  it.each([
    ['0.5', 500],
    ['1.005', 1_005],
    ['300', 300_000],
    ['0', 0],
  ])('reads OPENROUTER_TIMEOUT=%s as seconds', (text, ms) => {
    expect(resolved({ plugins: OPENROUTER, environment: { OPENROUTER_TIMEOUT: text } }).values.timeouts.attemptMs).toBe(
      ms,
    );
  });

  it.each(['soon', '-1', ' ', '5s', 'Infinity', '99999999'])('refuses OPENROUTER_TIMEOUT="%s" by name', (text) => {
    expect(problemsOf({ plugins: OPENROUTER, environment: { OPENROUTER_TIMEOUT: text } })).toEqual([
      expect.stringMatching(/^timeouts\.attemptMs \(from OPENROUTER_TIMEOUT\) is .+, but must be milliseconds/),
    ]);
  });

  it('lets SCRIPTORIUM_ names win over declared ones', () => {
    const { values, sources } = resolved({
      plugins: OPENROUTER,
      environment: { OPENROUTER_MAX_TOKENS: '5', SCRIPTORIUM_DEFAULTS_MAX_TOKENS: '6' },
    });
    expect([values.defaults.maxTokens, sources.get('defaults.maxTokens')]).toEqual([
      6,
      'SCRIPTORIUM_DEFAULTS_MAX_TOKENS',
    ]);
  });

  it('counts an empty variable as unset, whichever layer lies below it', () => {
    const { values, sources } = resolved({
      files: [{ source: 'a.json', values: { defaults: { maxTokens: 9 } } }],
      plugins: OPENROUTER,
      environment: { OPENROUTER_MODEL: '', SCRIPTORIUM_DEFAULTS_MODEL: '', OPENROUTER_MAX_TOKENS: '' },
    });
    const { defaults, plugins } = values;
    expect([plugins.openrouter!.model, defaults.model, defaults.maxTokens, sources.get('defaults.maxTokens')]).toEqual([
      'qwen/qwen2.5-vl-72b-instruct:free',
      null,
      9,
      'a.json',
    ]);
  });

  it('may hold the name of a strategy in the place of a list of routes, in every layer', () => {
    expect(resolved({ files: [file('a.json', { routes: 'cheapest' })] }).values.routes).toBe('cheapest');
    expect(resolved({ environment: { SCRIPTORIUM_ROUTES: 'fastest' } }).values.routes).toBe('fastest');
    expect(resolved({ environment: { SCRIPTORIUM_ROUTES: '[{"model":"b/model"}]' } }).values.routes).toEqual([
      { model: 'b/model' },
    ]);
    expect(problemsOf({ files: [file('a.json', { routes: 'dearest' })] })).toEqual([
      expect.stringContaining('"cheapest", "fastest"'),
    ]);
  });

  it('has the names that a plugin declares for other keys only while an instance of its own name is loaded', () => {
    const environment = { OPENROUTER_MAX_TOKENS: 'many', OPENROUTER_TIMEOUT: '1', OPENROUTER_TOP_P: '1' };
    for (const plugins of [[], [openrouterSection({ id: 'second', apiKey: 'k' })]]) {
      const { values } = resolved({ plugins, environment });
      expect([values.defaults.maxTokens, values.timeouts.attemptMs, values.defaults.topP]).toEqual([
        8192, 300_000, 0.9,
      ]);
    }
    expect(problemsOf({ plugins: OPENROUTER, environment })).toEqual([
      'defaults.maxTokens (from OPENROUTER_MAX_TOKENS) is "many", but must be a whole number of at least 1, or null.',
    ]);
  });

  it("gives a plugin's declared names to the one instance that bears its own name", () => {
    const plugins = [openrouterSection(), openrouterSection({ id: 'second', apiKey: 'k-second' })];
    const { values } = resolved({
      plugins,
      environment: {
        OPENROUTER_API_KEY: 'k-first',
        SITE_TITLE: 'First',
        SCRIPTORIUM_PLUGINS_SECOND_SITE_TITLE: 'Second',
      },
    });
    expect(values.plugins.openrouter).toMatchObject({ siteTitle: 'First' });
    expect(values.plugins.second).toMatchObject({ siteTitle: 'Second' });
    expect((values.plugins.second!.apiKey as { reveal(): string }).reveal()).toBe('k-second');
  });

  it('says of a second instance that its key is missing, with the name that would set it', () => {
    expect(
      problemsOf({ plugins: [openrouterSection({ id: 'second' })], environment: { OPENROUTER_API_KEY: 'k' } }),
    ).toEqual(['plugins.second.apiKey (OpenRouter API key) is required: set SCRIPTORIUM_PLUGINS_SECOND_API_KEY.']);
  });

  it.each([
    ['SCRIPTORIUM_RETRY_MAX_ATEMPTS', ' Did you mean "SCRIPTORIUM_RETRY_MAX_ATTEMPTS"?'],
    ['SCRIPTORIUM_MAX_TOKENS', ''],
    ['SCRIPTORIUM_PLUGINS_OPENROUTER_SITE_TITEL', ' Did you mean "SCRIPTORIUM_PLUGINS_OPENROUTER_SITE_TITLE"?'],
  ])('is refused where %s is set, which sets nothing; its value is not shown', (name, suggestion) => {
    expect(problemsOf({ plugins: [openrouterSection({ apiKey: 'k' })], environment: { [name]: '5' } })).toEqual([
      `${name} is set, but is not a variable of the configuration.${suggestion}`,
    ]);
  });

  it('may hold variables of plugins that are not loaded, empty ones, and those of others', () => {
    const environment = {
      SCRIPTORIUM_PLUGINS_ABSENT_SIZE: '3',
      SCRIPTORIUM_PLUGINS_OPENROUTER_SITE_TITEL: 'x',
      SCRIPTORIUM_RETRYS: '',
      SCRIPTORIUMS: 'x',
      OPENROUTER_MODELL: 'x',
    };
    expect(resolved({ environment }).sources.size).toBe(0);
  });
});
