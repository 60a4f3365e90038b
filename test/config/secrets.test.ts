import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { describeConfig, Secret } from 'scriptorium';
import type { Pipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { CANARY, pipelineTo } from '../support/pipelines.js';
import { openrouterSection, problemsOf, program, refusal, resolved } from './sources.js';

const open: Pipeline[] = [];
afterEach(() => Promise.all(open.splice(0).map((pipeline) => pipeline.dispose())));

/** Every way in which a value may be printed by accident. */
function printed(value: unknown): string {
  return [String(value), JSON.stringify(value), inspect(value, { showHidden: true, depth: 10 })].join('\n');
}

describe('a key', () => {
  const withKey = { plugins: [openrouterSection({ apiKey: CANARY })] };

  it('is at hand for the provider and in no print of the resolved configuration', () => {
    const config = resolved(withKey);
    expect(config.values.plugins.openrouter!.apiKey).toBeInstanceOf(Secret);
    expect(config.secrets.map((secret) => secret.reveal())).toEqual([CANARY]);
    expect(printed(config)).not.toContain(CANARY);
    expect(printed(config)).toContain('[secret]');
  });

  it('is not in a print of the plugin it was given to', () => {
    expect(printed(openrouter({ apiKey: CANARY }))).not.toContain(CANARY);
  });

  it('is not in a print of the pipeline that uses it', async () => {
    const pipeline = await pipelineTo('http://127.0.0.1:1/api/v1', { plugins: { openrouter: { apiKey: CANARY } } });
    open.push(pipeline);
    expect(inspect(pipeline, { showHidden: true, depth: 10 })).not.toContain(CANARY);
  });

  it.each(['options', 'file', 'environment', 'program'])('from %s is masked by describeConfig', async (place) => {
    const values = { plugins: { openrouter: { apiKey: CANARY } } };
    const { lines, problems } = await describeConfig({
      plugins: [openrouter(place === 'options' ? { apiKey: CANARY } : {})],
      environment: place === 'environment' ? { OPENROUTER_API_KEY: CANARY } : {},
      ...(place === 'file' && { configFiles: [{ source: 'a.json', values }] }),
      ...(place === 'program' && { config: values }),
    });
    expect(lines.find(({ path }) => path === 'plugins.openrouter.apiKey')?.value).toBe('[secret]');
    expect(problems).toEqual([]);
    expect(printed(lines)).not.toContain(CANARY);
  });

  it.each([
    ['CR', `${CANARY}\r`],
    ['LF', `${CANARY}\nX-Evil: 1`],
    ['a blank', ` ${CANARY}`],
    ['a letter beyond ASCII', `${CANARY}é`],
    ['NUL', `${CANARY}\0`],
  ])('with %s is refused from every layer, as a Secret too, and not shown', (_, key) => {
    const places = [
      { plugins: [openrouterSection({ apiKey: key })] },
      { plugins: [openrouterSection()], environment: { OPENROUTER_API_KEY: key } },
      { plugins: [openrouterSection()], ...program({ plugins: { openrouter: { apiKey: key } } }) },
      { plugins: [openrouterSection()], ...program({ plugins: { openrouter: { apiKey: new Secret(key) } } }) },
    ];
    for (const place of places) {
      expect(problemsOf(place)).toEqual([
        expect.stringMatching(
          /^plugins\.openrouter\.apiKey \(from .+\) must be a key of printable ASCII characters without blanks\.$/,
        ),
      ]);
      expect(printed(refusal(place))).not.toContain(CANARY);
    }
  });

  it.each([42, true, ['k'], { reveal: 'k' }])('that is no text is refused: %p', (apiKey) => {
    expect(
      problemsOf({ plugins: [openrouterSection()], ...program({ plugins: { openrouter: { apiKey } } }) }),
    ).not.toHaveLength(0);
  });

  it('pasted into the place of another value is not shown in the refusal', () => {
    const error = refusal({
      plugins: [openrouterSection({ apiKey: 'k' })],
      environment: { OPENROUTER_BASE_URL: CANARY, OPENROUTER_MAX_TOKENS: CANARY },
    });
    expect(error.message).toContain('[secret]');
    expect(printed(error)).not.toContain(CANARY);
  });
});

describe('several keys', () => {
  const KEYS = [CANARY, `${CANARY}-2`];

  it.each(['options', 'file', 'environment', 'program'])('from %s are at hand, and masked', async (place) => {
    const values = { plugins: { openrouter: { keys: KEYS } } };
    const sources = {
      environment: place === 'environment' ? { OPENROUTER_API_KEYS: KEYS.join(', ') } : {},
      ...(place === 'file' && { configFiles: [{ source: 'a.json', values }] }),
      ...(place === 'program' && { config: values }),
    };
    const options = place === 'options' ? { keys: KEYS } : {};
    const { lines, problems } = await describeConfig({ plugins: [openrouter(options)], ...sources });
    expect(lines.find(({ path }) => path === 'plugins.openrouter.keys')?.value).toBe('[secret]');
    expect(problems).toEqual([]);
    expect(printed([lines, openrouter(options)])).not.toContain(CANARY);
  });

  it('are each masked in texts, alone or together', () => {
    const config = resolved({ plugins: [openrouterSection({ keys: KEYS, apiKey: 'sk-first' })] });
    expect(config.secrets.map((secret) => secret.reveal())).toEqual(['sk-first', ...KEYS]);
    expect(config.values.plugins.openrouter!.keys).toEqual([expect.any(Secret), expect.any(Secret)]);
    expect(printed(config)).not.toContain(CANARY);
  });

  it.each([[[]], [[CANARY, '']], [[CANARY, 'with blank']], [`${CANARY},with blank`], [[CANARY, 4]], [[`${CANARY},b`]]])(
    'are refused if one is wrong, and not shown: case %#',
    (keys: unknown) => {
      const problems = problemsOf({
        plugins: [openrouterSection()],
        ...program({ plugins: { openrouter: { keys } } }),
      });
      expect(problems).toEqual([
        'plugins.openrouter.keys (from the program) must be a list of keys of printable ASCII characters without blanks or commas.',
      ]);
    },
  );

  it('or one are required', () => {
    expect(problemsOf({ plugins: [openrouterSection()] })).toEqual([
      'plugins.openrouter.apiKey (OpenRouter API key) is required: set OPENROUTER_API_KEY or SCRIPTORIUM_PLUGINS_OPENROUTER_API_KEY.',
    ]);
  });
});

describe('a base URL', () => {
  const withUrl = (baseUrl: string) => ({ plugins: [openrouterSection({ apiKey: 'k', baseUrl })] });

  it.each([
    ['a user', `https://${CANARY}@openrouter.ai/api/v1`],
    ['a password', `https://user:${CANARY}@openrouter.ai/api/v1`],
    ['a fragment', `https://openrouter.ai/api/v1#${CANARY}`],
    ['a query', `https://openrouter.ai/api/v1?key=${CANARY}`],
    ['an empty query', 'https://openrouter.ai/api/v1?'],
    ['an empty fragment', 'https://openrouter.ai/api/v1#'],
  ])('with %s is refused, the host shown and the rest not', (_, url) => {
    expect(problemsOf(withUrl(url))).toEqual([
      expect.stringMatching(
        /^plugins\.openrouter\.baseUrl .*openrouter\.ai.* must be an http\(s\) address without user, query or fragment/,
      ),
    ]);
    expect(printed(refusal(withUrl(url)))).not.toContain('canary');
  });

  it.each([
    'file:///etc/passwd',
    'ftp://openrouter.ai',
    'javascript:alert(1)',
    'openrouter.ai/api/v1',
    '/api/v1',
    'http://',
    '',
    'http://169.254.169.254/latest',
    'http://169.254.0.1',
    'http://0xa9fea9fe/',
    'http://2852039166/',
    'http://169.254.169.254./',
    'http://[::ffff:169.254.169.254]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[0:0:0:0:0:ffff:a9fe:a9fe]/',
    'http://[::169.254.169.254]/',
    'http://[64:ff9b::169.254.169.254]/',
    'http://[fe80::1]/',
    'http://[febf::1]/',
    'http://[fd00:ec2::254]/',
    'http://[fd00:0ec2:0:0::0254]/',
    'http://100.100.100.200/',
    'http://192.0.0.192/',
    'http://metadata/',
    'http://metadata.google.internal/',
    'http://METADATA.google.internal./',
    'http://metadata.goog/',
    'http://instance-data/',
  ])('%s is refused', (url) => {
    expect(problemsOf(withUrl(url))).toEqual([
      expect.stringMatching(/^plugins\.openrouter\.baseUrl \(from the options of openrouter\(\)\) is /),
    ]);
  });

  it.each([
    'https://openrouter.ai/api/v1',
    'http://localhost:8080',
    'http://127.0.0.1:1',
    'http://[::1]:9/v1',
    'http://10.0.0.1',
    'http://[fd00::1]',
    'http://169.253.255.255',
    'http://metadata.example.com',
    'https://openrouter.example/metadata',
  ])('%s is taken', (url) => {
    expect(resolved(withUrl(url)).values.plugins.openrouter!.baseUrl).toBe(url);
  });

  it.each([
    ['https://openrouter.ai/api/v1/', 'https://openrouter.ai/api/v1'],
    [' https://openrouter.ai/api/v1\r\n', 'https://openrouter.ai/api/v1'],
    ['https://openrouter.ai//', 'https://openrouter.ai'],
    ['HTTPS://OpenRouter.AI:443/api', 'https://openrouter.ai/api'],
    ['http://[0:0:0:0:0:0:0:1]:9/v1/', 'http://[::1]:9/v1'],
    ['http://0x7f000001:8080', 'http://127.0.0.1:8080'],
    ['https://openrouter.ai/a/../v1', 'https://openrouter.ai/v1'],
  ])('%j is used as %s, as it was checked', (url, used) => {
    expect(resolved(withUrl(url)).values.plugins.openrouter!.baseUrl).toBe(used);
  });

  it.each(['https://openrouter.ai/a b', 'https://open\trouter.ai', 'https:\\\\openrouter.ai', 'https:openrouter.ai'])(
    '%j is refused',
    (url) => {
      expect(problemsOf(withUrl(url))).toEqual([expect.stringMatching(/^plugins\.openrouter\.baseUrl /)]);
    },
  );
});

describe('a value for a header', () => {
  it.each(['a\r\nb', 'a\nb', 'ab\0', '日本', ''])('%j is refused', (siteTitle) => {
    expect(
      problemsOf({
        plugins: [openrouterSection({ apiKey: 'k' })],
        ...program({ plugins: { openrouter: { siteTitle } } }),
      }),
    ).toEqual([expect.stringContaining('plugins.openrouter.siteTitle')]);
  });

  it.each(['My Books', 'Bücher'])('%j is taken', (siteTitle) => {
    expect(
      resolved({ plugins: [openrouterSection({ apiKey: 'k', siteTitle })] }).values.plugins.openrouter!.siteTitle,
    ).toBe(siteTitle);
  });
});
