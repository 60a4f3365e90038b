import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigError, createPipeline, loadConfig } from 'scriptorium';
import type { Plugin } from 'scriptorium/plugin';
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';
import { bullmq } from 'scriptorium/plugins/bullmq';
import { anthropic } from 'scriptorium/plugins/anthropic';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { prometheus } from 'scriptorium/plugins/prometheus';
import { opentelemetry } from 'scriptorium/plugins/opentelemetry';
import { undici } from 'scriptorium/plugins/undici';
import { cassette } from 'scriptorium/plugins/cassette';
import { gateway } from 'scriptorium/plugins/gateway';
import { jsonl } from 'scriptorium/plugins/jsonl';
import { ledger } from 'scriptorium/plugins/ledger';
import { redis } from 'scriptorium/plugins/redis';
import { book } from 'scriptorium/plugins/book';
import { runs } from 'scriptorium/plugins/runs';
import { referenceTable } from '../../src/config/describe.js';
import { CANARY } from '../support/pipelines.js';
import { openrouterSection, resolved, sectionOf } from './sources.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scriptorium-config-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function failureOfLoading(path: string): ConfigError {
  try {
    loadConfig({ files: [path] });
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('Expected a ConfigError');
}

describe('loadConfig', () => {
  it('gives the files as layers that createPipeline takes, weakest first', async () => {
    const files = [
      file('a.json', '{"defaults": {"model": "a/one", "maxTokens": 5}}'),
      file('b.json', '\uFEFF{"defaults": {"model": "a/two"}}'),
    ];
    const layers = loadConfig({ files });
    expect(layers.map(({ source }) => source)).toEqual(files);
    expect(resolved({ files: layers }).values.defaults).toMatchObject({ model: 'a/two', maxTokens: 5 });
    await (
      await createPipeline({ plugins: [openrouter({ apiKey: 'k' })], configFiles: layers, environment: {} })
    ).dispose();
  });

  it('names a file that is missing', () => {
    const path = join(folder, 'missing.json');
    expect(failureOfLoading(path).message).toMatch(
      new RegExp(`^The configuration file ${path} cannot be read: .*ENOENT`),
    );
  });

  it.each([
    ['an array', '[]'],
    ['null', 'null'],
    ['a text', '"x"'],
    ['a number', '5'],
  ])('refuses %s', (_, json) => {
    const path = file('value.json', json);
    expect(failureOfLoading(path).message).toBe(`The configuration file ${path} holds no JSON object.`);
  });

  it.each(['', '{', '{"a": 1,}', '{a: 1}', 'undefined', '{"a": "b'])('refuses what is not valid JSON: %j', (json) => {
    const path = file('broken.json', json);
    expect(failureOfLoading(path).message).toMatch(
      new RegExp(`^The configuration file ${path} is not valid JSON.*\\.$`),
    );
  });

  it.each([`{"apiKey": ${CANARY}}`, `{"apiKey": "${CANARY}\n"}`, CANARY, `{"apiKey": "${CANARY}" "x"}`])(
    'does not quote the file, which may hold a key',
    (json) => {
      const error = failureOfLoading(file('broken.json', json));
      expect(inspect(error, { showHidden: true, depth: 10 }) + JSON.stringify(error)).not.toMatch(/sk-or|canary/);
    },
  );
});

describe('the files that come with the package', () => {
  it.each(['default', 'development', 'test', 'production', 'free-tier'])('config/%s.json is right', (name) => {
    const files = loadConfig({ files: [`config/${name}.json`] });
    expect(resolved({ plugins: [openrouterSection({ apiKey: 'k' })], files }).values).toBeDefined();
  });

  it('the profile of the free tier keeps its limits for every model and spends few requests', () => {
    const { rateLimit, limits, plugins } = resolved({
      plugins: [openrouterSection({ apiKey: 'k' })],
      files: loadConfig({ files: ['config/free-tier.json'] }),
    }).values;
    expect(rateLimit.minIntervalMs).toBeGreaterThanOrEqual(1_000);
    expect(rateLimit.requestsPerMinute).toBeLessThanOrEqual(20);
    expect(limits.maxRequests).toBeLessThan(24);
    expect(plugins.openrouter!.model).toMatch(/:free$/);
  });
});

describe('the reference table', () => {
  const [start, end] = ['<!-- table -->', '<!-- /table -->'];

  const PAGES: readonly (readonly [string, string, Plugin])[] = [
    ['docs/configuration.md', '', openrouter()],
    ['plugins/openrouter/README.md', 'plugins.openrouter.', openrouter()],
    ['plugins/openai-compatible/README.md', 'plugins.openai-compatible.', openaiCompatible()],
    ['plugins/anthropic/README.md', 'plugins.anthropic.', anthropic()],
    ['plugins/undici/README.md', 'plugins.undici.', undici()],
    ['plugins/cassette/README.md', 'plugins.cassette.', cassette()],
    ['plugins/prometheus/README.md', 'plugins.prometheus.', prometheus()],
    ['plugins/opentelemetry/README.md', 'plugins.opentelemetry.', opentelemetry()],
    ['plugins/gateway/README.md', 'plugins.gateway.', gateway()],
    ['plugins/jsonl/README.md', 'plugins.jsonl.', jsonl()],
    ['plugins/ledger/README.md', 'plugins.ledger.', ledger()],
    ['plugins/redis/README.md', 'plugins.redis.', redis()],
    ['plugins/runs/README.md', 'plugins.runs.', runs()],
    ['plugins/book/README.md', 'plugins.book.', book()],
    ['plugins/bullmq/README.md', 'plugins.bullmq.', bullmq()],
  ];

  it.each(PAGES)('in %s is as the schemas are now (UPDATE_DOCS=1 writes it)', (path, prefix, plugin) => {
    const page = readFileSync(path, 'utf8');
    const table = `${start}\n${referenceTable([sectionOf(plugin)], prefix)}\n${end}`;
    const current = page.slice(0, page.indexOf(start)) + table + page.slice(page.indexOf(end) + end.length);
    if (process.env.UPDATE_DOCS === '1') writeFileSync(path, current);
    expect(readFileSync(path, 'utf8')).toBe(current);
  });

  it('has a row for every kind of key', () => {
    const table = referenceTable([openrouterSection()]);
    expect(table).toContain(
      '| `plugins.openrouter.apiKey` | required, or `keys` | OpenRouter API key; a key of printable ASCII characters without blanks | `OPENROUTER_API_KEY` `SCRIPTORIUM_PLUGINS_OPENROUTER_API_KEY` |',
    );
    expect(table).toContain('`OPENROUTER_TIMEOUT` (× 1000) `SCRIPTORIUM_TIMEOUTS_ATTEMPT_MS`');
    expect(table.split('\n').every((line) => line.split(/(?<!\\)\|/).length === 6)).toBe(true);
  });
});
