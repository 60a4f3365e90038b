import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { throwError } from 'rxjs';
import { createPipeline, describeConfig, GenerationError, tokens } from 'scriptorium';
import type {
  GenerationEvent,
  GenerationInput,
  InterceptorDefinition,
  ObservedEvent,
  Pipeline,
  PipelineOptions,
} from 'scriptorium';
import type { Logger } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { MemorySink } from 'scriptorium/testing';
import { aPlugin } from '../plugins/a-plugin.js';
import { CANARY, failureOf, pipelineTo } from '../support/pipelines.js';
import { scriptServer } from '../support/script-server.js';
import type { Step } from '../support/script-server.js';
import {
  chunk,
  chunked,
  data,
  delta,
  DONE,
  finish,
  goodStream,
  head,
  refuses,
  SSE_HEAD,
  whole,
} from '../support/wire.js';

/** A request that is answered so. */
const answer = (...steps: readonly Step[]): readonly Step[] => [{ request: true }, ...steps];
const repeated = {
  error: {
    message: `No user for ${CANARY}`,
    metadata: { raw: `Authorization: Bearer ${CANARY}`, provider_name: CANARY },
  },
};
const streamed = (...events: readonly string[]): readonly Step[] => answer({ write: chunked(events.join('')) });
const failedEvent = (place: 'top' | 'choice') =>
  data(
    place === 'top'
      ? { id: CANARY, error: repeated.error }
      : { id: CANARY, choices: [{ index: 0, delta: {}, finish_reason: 'error', error: repeated.error }] },
  );

/** What the vendor, the network, or the user's own parts may do with the key at hand. */
const CASES: Readonly<
  Record<
    string,
    {
      readonly script: readonly Step[];
      readonly input?: Partial<GenerationInput>;
      readonly options?: Omit<PipelineOptions, 'config'>;
    }
  >
> = {
  'an error body, 400': { script: refuses('400 Bad Request', repeated) },
  'an error body, 401': { script: refuses('401 Unauthorized', repeated) },
  'an error body, 429, retried': { script: refuses('429 Too Many Requests', repeated) },
  'an error body, 500, retried': { script: refuses('500 Internal Server Error', repeated) },
  'an error body that is text': {
    script: answer({ write: whole(`Bad key ${CANARY}`, ['content-type: text/plain'], '403 Forbidden') }),
  },
  'a page of HTML': { script: answer({ write: whole(`<html>${CANARY}</html>`, ['content-type: text/html']) }) },
  'a whole answer with an error': {
    script: answer({ write: whole(JSON.stringify(repeated)) }),
    input: { wire: 'json' },
  },
  'an error in the stream, before text': { script: streamed(failedEvent('top'), DONE) },
  'an error in the stream, after text': { script: streamed(delta('Once '), failedEvent('top'), DONE) },
  'an error in a choice, after text': { script: streamed(delta('Once '), failedEvent('choice'), DONE) },
  'headers of a refusal': {
    script: refuses('503 Service Unavailable', repeated, [
      `x-generation-id: ${CANARY}`,
      `retry-after: ${CANARY}`,
      `x-request-id: ${CANARY}`,
      `set-cookie: ${CANARY}`,
    ]),
  },
  'headers of a good answer': {
    script: answer({
      write: chunked(goodStream('Once.'), ['content-type: text/event-stream', `x-generation-id: ${CANARY}`]),
    }),
  },
  'ids and names in a good answer': {
    script: streamed(
      data({ id: CANARY, model: CANARY, choices: [{ index: 0, delta: { content: 'Once.' } }] }),
      data({
        id: CANARY,
        model: CANARY,
        choices: [{ index: 0, delta: {}, finish_reason: 'stop', native_finish_reason: CANARY }],
        usage: { prompt_tokens: 1, completion_tokens: 1 },
      }),
      DONE,
    ),
  },
  'a redirect': {
    script: answer({
      write: head('302 Found', [`location: https://evil.example/${CANARY}?key=${CANARY}`, 'content-length: 0']),
    }),
  },
  'something that is no JSON': { script: streamed(`data: {${CANARY}\n\n`) },
  'a broken connection': { script: answer({ write: SSE_HEAD + chunk(delta('Once ')) }, { rst: true }) },
  'a status line': { script: answer({ write: `HTTP/1.1 200 ${CANARY}\r\n${CANARY}\r\n\r\n` }) },
  'a break after the finish': { script: answer({ write: SSE_HEAD + chunk(delta('Once.') + finish()) }, { rst: true }) },
  'a timeout': {
    script: answer({ stall: true }),
    input: { overrides: { timeouts: { headersMs: 20 }, retry: { maxAttempts: 1 } } },
  },
  'a deadline': { script: answer({ stall: true }), input: { deadlineMs: 300 } },
  'an interceptor that fails': {
    script: streamed(goodStream('Once.')),
    options: {
      interceptors: [
        failing(() => {
          throw new Error(`it was ${CANARY}`, { cause: new Error(`because of ${CANARY}`) });
        }),
      ],
    },
  },
  'an interceptor that fails later': {
    script: streamed(goodStream('Once.')),
    options: {
      interceptors: [
        failing(() => throwError(() => new GenerationError('internal', CANARY, { cause: new TypeError(CANARY) }))),
      ],
    },
  },
  'a sink that fails': {
    script: streamed(goodStream('Once.')),
    options: {
      plugins: [
        aPlugin('leaky', (host) =>
          host.addStatSink({
            name: 'leaky',
            record: () => {
              throw new Error(CANARY);
            },
          }),
        ),
      ],
    },
  },
  'a plugin that logs it': {
    script: streamed(goodStream('Once.')),
    options: {
      plugins: [
        aPlugin('chatty', ({ logger }) =>
          logger.info(`key ${CANARY}`, {
            key: CANARY,
            nested: { authorization: 'Bearer x', list: [CANARY, new Error(CANARY)] },
          }),
        ),
      ],
    },
  },
};

function failing(intercept: InterceptorDefinition['intercept']): InterceptorDefinition {
  return { name: 'failing', phase: 'route', intercept };
}

function recordingLogger(): Logger & { readonly lines: readonly unknown[] } {
  const lines: unknown[] = [];
  const record = (...line: readonly unknown[]): void => void lines.push(line);
  return { lines, debug: record, info: record, warn: record, error: record };
}

/** Every way in which something may end up in a file or on a screen, with all causes. */
function printed(value: unknown, depth = 0): string {
  const ways = [String(value), JSON.stringify(value), inspect(value, { showHidden: true, depth: 10 })];
  if (value instanceof Error && depth < 10)
    ways.push(value.message, value.stack ?? '', printed(value.cause, depth + 1));
  return ways.join('\n');
}

interface Seen {
  readonly events: readonly GenerationEvent[];
  readonly error: unknown;
}

function watch(pipeline: Pipeline, input: GenerationInput): Promise<Seen> {
  const events: GenerationEvent[] = [];
  return new Promise((resolve) => {
    pipeline.stream(input).subscribe({
      next: (event) => events.push(event),
      error: (error) => resolve({ events, error }),
      complete: () => resolve({ events, error: undefined }),
    });
  });
}

describe('the key is nowhere to be seen', () => {
  it.each(Object.keys(CASES))('%s', async (name) => {
    const { script, input, options } = CASES[name]!;
    const server = await scriptServer(script);
    const [sink, logger] = [new MemorySink(), recordingLogger()];
    const pipeline = await pipelineTo(
      server.url,
      {},
      {
        ...options,
        plugins: [aPlugin('memory', (host) => host.addStatSink(sink)), ...(options?.plugins ?? [])],
        register: (container) => container.register(tokens.LOGGER, { useValue: logger }),
      },
    );
    const observed: ObservedEvent[] = [];
    pipeline.generations$.subscribe((event) => observed.push(event));
    const { events, error } = await watch(pipeline, { prompt: 'Begin.', ...input });
    const snapshot = pipeline.stats();
    await pipeline.dispose();
    await server.close();

    const isOurs = name.startsWith('an interceptor');
    expect(server.requests.length > 0).toBe(!isOurs);
    if (name.endsWith('retried')) expect(server.requests).toHaveLength(4);
    if (!isOurs && name !== 'a status line') expect(server.requests[0]).toContain(`Bearer ${CANARY}`);
    expect(sink.stats.length).toBeGreaterThan(0);
    expect(logger.lines.length).toBeGreaterThan(1);
    for (const [what, value] of Object.entries({
      error,
      events,
      observed,
      stats: sink.stats,
      snapshot,
      log: logger.lines,
      pipeline: inspect(pipeline, { showHidden: true, depth: 10 }),
    })) {
      expect({ what, leak: leakIn(printed(value)) }).toEqual({ what, leak: undefined });
    }
  });

  it('in a look-up that fails', async () => {
    const server = await scriptServer(refuses('401 Unauthorized', repeated));
    const pipeline = await pipelineTo(server.url);
    for (const work of [pipeline.models(), pipeline.key()])
      expect(leakIn(printed(await failureOf(work)))).toBeUndefined();
    await pipeline.dispose();
    await server.close();
  });

  it('in a setup that fails with it', async () => {
    const plugins = [
      openrouter({ apiKey: CANARY }),
      aPlugin('talking', () => {
        throw new Error(`cannot use ${CANARY}`, { cause: new Error(CANARY) });
      }),
    ];
    expect(leakIn(printed(await failureOf(createPipeline({ plugins, environment: {} }))))).toBeUndefined();
  });

  it('in what the configuration prints, right or wrong', async () => {
    const environment = { OPENROUTER_API_KEY: CANARY };
    expect(leakIn(printed(await describeConfig({ plugins: [openrouter()], environment })))).toBeUndefined();
    const options = {
      plugins: [openrouter()],
      environment: { ...environment, OPENROUTER_TEMPERATURE: CANARY, SITE_TITLE: `${CANARY}\n` },
      config: { plugins: { openrouter: { apikey: CANARY } } },
    };
    const wrong = await describeConfig(options);
    expect(leakIn(printed(wrong))).toBeUndefined();
    expect(wrong.problems.join()).toContain('plugins.openrouter.apikey');
    expect(leakIn(printed(await failureOf(createPipeline(options))))).toBeUndefined();
  });

  it.each(['json', 'pretty'])(
    'in what the program writes, %s, at the level of debug with all bodies',
    async (format) => {
      const root = fileURLToPath(new URL('../..', import.meta.url));
      if (!existsSync(`${root}/dist/src/index.js`))
        throw new Error('There is no dist/: run "npm run build" first, as "npm test" does.');
      const server = await scriptServer(
        refuses('500 Internal Server Error', repeated),
        streamed(delta('Once '), failedEvent('top'), DONE),
        refuses('401 Unauthorized', repeated),
      );
      const output = await runProgram(
        root,
        `
      import { createPipeline } from 'scriptorium';
      import { openrouter } from 'scriptorium/plugins/openrouter';
      const pipeline = await createPipeline({ plugins: [openrouter()], config: { retry: { baseMs: 1 }, logging: { level: 'debug', format: '${format}', bodies: 'full' } } });
      for (const prompt of ['One', 'Two']) await pipeline.generate({ prompt, labels: { key: '${CANARY}' } }).catch((error) => console.log(error, JSON.stringify(error), String(error.stack)));
      console.log(pipeline, pipeline.stats().recentErrors);
      await pipeline.dispose();
    `,
        { OPENROUTER_API_KEY: CANARY, OPENROUTER_BASE_URL: server.url, OPENROUTER_MODEL: 'a/model' },
      );
      await server.close();
      // The first generation goes on after its break, and is refused; the second one is refused at once.
      expect(server.requests).toHaveLength(4);
      expect(output).toContain('broke off');
      expect(output).toContain('retry scheduled');
      expect(output).toContain('generation failed');
      expect(leakIn(output)).toBeUndefined();
    },
  );
});

/** What stands around the key, if it is there: half of it would be a leak too. */
function leakIn(text: string): string | undefined {
  const at = text.indexOf('canary');
  return at < 0 ? undefined : text.slice(Math.max(at - 120, 0), at + 60);
}

function runProgram(cwd: string, source: string, environment: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
      cwd,
      env: { PATH: process.env.PATH, ...environment },
      timeout: 10_000,
    });
    let output = '';
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
    child.stderr.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
    child.on('close', () => resolve(output));
  });
}
