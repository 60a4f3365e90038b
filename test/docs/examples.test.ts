import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createPipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { INTERCEPTOR_PROMISES, PROVIDER_PROMISES, SINK_PROMISES, startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';
import { errorBody, messageStream, streams, tells } from '../support/anthropic-wire.js';
import { scriptServer } from '../support/script-server.js';

let emulator: Emulator;
const environment = { ...process.env };

beforeAll(async () => {
  emulator = await startEmulator();
  Object.assign(process.env, {
    OPENROUTER_BASE_URL: emulator.url,
    OPENROUTER_API_KEY: 'k',
    OPENROUTER_MODEL: 'scriptorium/exact',
    SCRIPTORIUM_LOGGING_LEVEL: 'silent',
  });
});
afterAll(async () => {
  process.env = environment;
  await emulator.close();
});

/** Runs an example, which is a program, and gives what it prints. */
async function run(example: string): Promise<string> {
  const lines: string[] = [];
  const log = jest.spyOn(console, 'log').mockImplementation((line: unknown) => void lines.push(String(line)));
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((piece) => lines.push(String(piece)) > 0);
  await import(`../../docs/examples/${example}`).finally(() => [log, write].forEach((spy) => spy.mockRestore()));
  return lines.join('\n');
}

describe('the examples of the documentation', () => {
  it('streaming.ts reads a generation in every way', async () => {
    const printed = await run('streaming.ts');
    expect(printed).toContain('whole: ');
    expect(printed).toContain('cancelled so far: 1');
    expect(printed).toContain('events: attempt-start, response-metadata, text-delta, generation-end');
    expect(printed).toContain('both saw the same text');
    expect(printed).toContain('stopped: a part of the text is kept');
    expect(printed).toContain('shared: 1 call for 2 watchers');
  });

  it('add-header-and-label.ts sends its header and session, and counts under its label', async () => {
    emulator.clear();
    expect(await run('add-header-and-label.ts')).toContain('generations of ada: 1');
    expect(emulator.requests[0]?.headers['x-book']).toBe('ada');
    expect(emulator.requests[0]?.body).toMatchObject({ session_id: 'ada' });
  });

  it('moderate-while-streaming.ts stops the text and keeps what had come', async () => {
    const printed = await run('moderate-while-streaming.ts');
    expect(printed).toContain('content-filter: The text uses the word " the "');
    expect(printed).toMatch(/kept: \d+ characters/);
  });

  it('cache-by-your-own-rule.ts asks the server once', async () => {
    emulator.clear();
    expect(await run('cache-by-your-own-rule.ts')).toContain(
      'first from provider, then from cache; the same text: true',
    );
    expect(emulator.requests).toHaveLength(1);
  });

  it('biography.ts writes its chapters and tells their statistics', async () => {
    const printed = await run('biography.ts');
    expect(printed).toMatch(/^1\. .+: \d+ words$/m);
    expect(printed).toMatch(/^4\. .+: \d+ words$/m);
    expect(printed).toContain('[4] 100 words');
    expect(printed).toMatch(/^5 generations, \d+ tokens/m);
  });

  it('biography.ts does not pass a chapter that was cut off as a whole one', async () => {
    process.env.OPENROUTER_MAX_TOKENS = '30';
    const printed = await run('biography.ts?cut').finally(() => {
      delete process.env.OPENROUTER_MAX_TOKENS;
    });
    expect(printed).toMatch(/^3\. .+: \d+ words \(cut off\)$/m);
    expect(printed).not.toMatch(/^\d\. .+ words$/m);
  });

  it('long-chapter.ts goes on after a break and after a token cap, to its end', async () => {
    emulator.clear();
    emulator.script({ truncate: { afterDeltas: 20 } }, { capTokens: 100 });
    const printed = await run('long-chapter.ts');
    expect(printed).toContain('segment 2 by scriptorium/exact (interrupted)');
    expect(printed).toContain('segment 3 by scriptorium/exact (length)');
    expect(printed).toMatch(/^stop: \d{3} words, 3 attempts$/m);
  });

  it('outline.ts has an object of the right shape', async () => {
    const printed = await run('outline.ts');
    expect(printed.split('\n').filter((line) => /^\d\. .+, 500 words$/.test(line))).toHaveLength(3);
    expect(printed).toMatch(/^1 attempt\(s\), \$0\.\d+$/m);
  });

  it('outline.ts says so when there is none', async () => {
    emulator.clear();
    emulator.script({ capTokens: 5 });
    const printed = await run('outline.ts?cut');
    expect(printed).toContain('The object is incomplete: the answer reached the token cap. Raise maxTokens.');
    expect(printed).toMatch(/^it wrote: \{"title.*, for \$0\.\d+$/m);
  });

  it('two-servers.ts takes the second server where the first, asked without a key, refuses', async () => {
    emulator.clear();
    Object.assign(process.env, { VLLM_BASE_URL: emulator.url, GROQ_BASE_URL: emulator.url, GROQ_API_KEY: 'k' });
    const printed = await run('two-servers.ts');
    expect(printed).toBe('answered by groq, reported\nthen by groq');
    expect(emulator.requests.map(({ status }) => status)).toEqual([401, 200, 200]);
    expect(emulator.requests.at(-1)?.body).toMatchObject({ service_tier: 'flex' });
  });

  it('my-provider.ts proves every promise of its provider', async () => {
    expect((await run('my-provider.ts')).split('\n')).toEqual([
      ...Object.keys(PROVIDER_PROMISES).map((promise) => `quill ${promise}`),
      'ready',
    ]);
  });

  it('cached-style-guide.ts is answered by Anthropic, and by OpenRouter where that fails', async () => {
    const server = await scriptServer(
      streams(messageStream('The harbour was grey.')),
      tells(errorBody('authentication_error', 'no'), '401 Unauthorized'),
    );
    Object.assign(process.env, { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: `http://127.0.0.1:${server.port}` });
    const printed = await run('cached-style-guide.ts').finally(() => server.close());
    expect(printed).toMatch(
      /^The harbour, by anthropic: 100 of 127 input tokens from the cache\nThe storm, by openrouter: 0 of \d+ input tokens/,
    );
    expect(server.requests[0]).toContain('"cache_control":{"type":"ephemeral"}');
  });

  it('cheapest-route.ts goes to the cheapest model and says why', async () => {
    emulator.clear();
    const printed = await run('cheapest-route.ts');
    expect(printed).toMatch(/^deepseek\/deepseek-v4-flash: The cheapest: at most \$0\.0+\d+\.$/m);
    expect(printed).toMatch(/^ {2}scriptorium\/exact: its price is unknown$/m);
    expect(printed).toMatch(/^\d+ requests to free models are left today$/m);
    expect(emulator.requests.map(({ model }) => model)).toEqual(['deepseek/deepseek-v4-flash']);
  });

  it('with-prometheus.ts reads its own metrics', async () => {
    expect(await run('with-prometheus.ts')).toBe(
      'scriptorium_requests_total{provider="openrouter",model="scriptorium/exact",book="ada",outcome="success"} 1',
    );
  });

  it('stats-to-a-file.ts writes a line for the attempt and one for the generation', async () => {
    expect(await run('stats-to-a-file.ts')).toBe('attempt-end: success, sea\ngeneration-end: success, sea');
  });

  it('what-a-book-cost.ts asks the ledger and shows its table', async () => {
    const printed = await run('what-a-book-cost.ts');
    expect(printed).toMatch(/^ada: 2 attempts, \$0\.\d+$/m);
    expect(printed).toMatch(/^label:book +requests +ok/m);
    expect(printed).toMatch(/^ada +2 +100%/m);
  });

  it('many-texts.ts writes three texts in order', async () => {
    const printed = await run('many-texts.ts');
    expect(printed.replaceAll('done 3, failed 0, some words\n', '')).toBe(
      '0: a text, length\n1: a text, length\n2: a text, length',
    );
    expect(printed).toContain('done 3, failed 0, some words');
  });

  it('book-run.ts writes two chapters and then the summary, and finds no difference', async () => {
    expect((await run('book-run.ts')).split('\n').toSorted()).toEqual([
      'ada: done',
      'chapter-1: 1 span(s), SHA-256 of 64 digits',
      'chapter-2: 1 span(s), SHA-256 of 64 digits',
      'differences: 0',
      'summary: 1 span(s), SHA-256 of 64 digits',
    ]);
  });

  it('my-interceptor.ts keeps its contract, and stops an answer that is too long', async () => {
    const printed = await run('my-interceptor.ts');
    for (const promise of Object.keys(INTERCEPTOR_PROMISES)) expect(printed).toContain(`word-limit ${promise}`);
    expect(printed).toContain('content-filter: The answer has more than 5 words.');
  });

  it('my-sink.ts keeps its contract, and a line for the generation', async () => {
    const printed = await run('my-sink.ts');
    for (const promise of Object.keys(SINK_PROMISES)) expect(printed).toContain(`diary ${promise}`);
    expect(printed).toMatch(
      /^\{"startedAt":\d+,"model":"scriptorium\/exact","outcome":"success","tokens":\d+,"labels":\{"book":"ada"\}\}$/m,
    );
  });

  it('my-plugin.ts warns', async () => {
    expect(await run('my-plugin.ts')).toContain('warnings: 1');
  });

  it('remote-parts.ts asks its own limit store and cache, and the server once', async () => {
    emulator.clear();
    expect(await run('remote-parts.ts')).toBe(
      [
        'from provider, then from cache',
        'cache, by plugin "remote-parts": 2 answered, 0 failed',
        'limits, by plugin "remote-parts": 1 answered, 0 failed',
      ].join('\n'),
    );
    expect(emulator.requests).toHaveLength(1);
  });

  it('simulated-month.ts loses no text in a month with an outage and a kill', async () => {
    expect(await run('simulated-month.ts')).toBe('30 days: {"whole":714,"failed":4,"killed":2}');
  });

  it('with-opentelemetry.ts shows its spans inside one another', async () => {
    expect(await run('with-opentelemetry.ts')).toMatch(
      /^attempt (\S+) in chat \1: \d+ tokens\nchat \1 in chapter: \d+ tokens\nchapter in nothing: no tokens$/,
    );
  });
});

describe('over a wire that fails, an example that cannot run in a simulated world', () => {
  beforeAll(() => {
    process.env.SCRIPTORIUM_RETRY_BASE_MS = '1';
  });
  afterAll(() => {
    delete process.env.SCRIPTORIUM_RETRY_BASE_MS;
  });

  it.each<[string, RegExp]>([
    ['bookgen-client.ts', /\n1$/],
    ['stats-to-a-file.ts', /^(attempt-end: error, sea\n){3}attempt-end: success, sea\ngeneration-end: success, sea$/],
    ['what-a-book-cost.ts', /^ada: 5 attempts, \$0\.\d+$/m],
    ['with-a-cassette.ts', /^replayed; then: differs /],
    [
      'with-opentelemetry.ts',
      /^(attempt (\S+) in chat \2: .+ tokens\n){4}chat \S+ in chapter: \d+ tokens\nchapter in nothing: no tokens$/,
    ],
    ['with-prometheus.ts', /book="ada",outcome="success"\} 1$/],
  ])('%s comes to its right end after two refusals and a cut', async (example, printed) => {
    emulator.clear();
    emulator.script(
      { status: 503 },
      { status: 429, headers: { 'retry-after-ms': '1' } },
      { truncate: { afterDeltas: 12 } },
    );
    expect(await run(`${example}?faults`)).toMatch(printed);
    const outcomes = emulator.requests.slice(0, 4).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['faulted', 'faulted', 'faulted', 'completed']);
  });
});

describe('the programs of the README', () => {
  it.each([
    ['quick-start.ts', /\d+ tokens, \$0\.\d+, 1 attempt/],
    ['bookgen-client.ts', /\n1$/],
    ['shout.ts', /^[^a-z]+$/],
    ['two-keys.ts', /^answered by second$/],
    ['unit-test.ts', /^tested: 1 generation, 2 requests$/],
  ])('%s runs', async (example, printed) => {
    expect(await run(example)).toMatch(printed);
  });

  it('stand beside a table of the chain with every interceptor switched on', async () => {
    const config = { concurrency: { max: 1 } };
    const pipeline = await createPipeline({
      plugins: [openrouter()],
      config: { ...config, logging: { level: 'warn' } },
    });
    const rows = [...readFileSync('docs/interceptors.md', 'utf8').matchAll(/^\| (\w+) \| ([\w-]+) \| /gm)].map(
      ([, phase, name]) => ({ phase, name }),
    );
    expect(rows.slice(1)).toEqual(pipeline.describe().map(({ phase, name }) => ({ phase, name })));
    await pipeline.dispose();
  });
});

/** Every page that may show an example. */
const PAGES = [
  'README.md',
  ...pagesIn('docs'),
  ...pagesIn('docs/recipes'),
  ...readdirSync('plugins').flatMap((plugin) => pagesIn(`plugins/${plugin}`)),
];

function pagesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}

describe('the pages of the documentation', () => {
  it.each(PAGES.filter((page) => readFileSync(page, 'utf8').includes('<!-- program: ')))(
    '%s shows the programs that are tested elsewhere as they are',
    (page) => {
      const shown = readFileSync(page, 'utf8');
      const right = shown.replaceAll(/<!-- program: (\S+) -->[^]*?<!-- \/program -->/g, (_, path: string) => {
        const language = path.endsWith('.py') ? 'python' : 'js';
        return `<!-- program: ${path} -->\n\`\`\`${language}\n${readFileSync(path, 'utf8')}\`\`\`\n<!-- /program -->`;
      });
      if (process.env.UPDATE_DOCS === '1') writeFileSync(page, right);
      expect(readFileSync(page, 'utf8')).toBe(right);
    },
  );

  it.each(PAGES.filter((page) => readFileSync(page, 'utf8').includes('<!-- example: ')))(
    '%s shows its examples as they are',
    (page) => {
      const shown = readFileSync(page, 'utf8');
      const right = shown.replaceAll(/<!-- example: (\S+) -->[^]*?<!-- \/example -->/g, (_, example: string) => {
        const program = readFileSync(`docs/examples/${example}`, 'utf8');
        return `<!-- example: ${example} -->\n\`\`\`ts\n${program}\`\`\`\n<!-- /example -->`;
      });
      if (process.env.UPDATE_DOCS === '1') writeFileSync(page, right);
      else expect(shown).toBe(right);
      expect(right).toContain('```ts');
    },
  );

  it('are all of the examples there are', () => {
    const pages = PAGES.map((page) => readFileSync(page, 'utf8')).join();
    expect(
      readdirSync('docs/examples').filter(
        (example) => !pages.includes(`examples/${example}`) && !pages.includes(`example: ${example}`),
      ),
    ).toEqual([]);
  });
});
