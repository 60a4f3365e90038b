import { describe, expect, it } from '@jest/globals';
import { tokens } from 'scriptorium';
import { batched, definePlugin } from 'scriptorium/plugin';
import type { Logger, Plugin, Stat } from 'scriptorium/plugin';
import { aScene, success } from '../support/scene.js';
import { scriptServer } from '../support/script-server.js';
import type { Step } from '../support/script-server.js';
import { steadyServer } from '../support/steady-server.js';
import { answers, chunk, delta, DONE, finish, LAST_CHUNK, SSE_HEAD } from '../support/wire.js';

/** A sink as a careless author may write it: its `record` may be anything. */
const badSink = (name: string, record: (stat: Stat) => unknown): Plugin =>
  definePlugin({ name, apiVersion: 1, setup: (host) => host.addStatSink({ name, record }) });

const busyFor = (ms: number): void => {
  for (const end = performance.now() + ms; performance.now() < end;);
};

const words = Array.from({ length: 8 }, (_, index) => `word ${index} `);
const PACED: readonly Step[] = [
  { request: true },
  { write: SSE_HEAD },
  ...words.flatMap((word) => [{ write: chunk(delta(word)) }, { wait: 15 }]),
  { write: chunk(finish() + DONE) + LAST_CHUNK },
];

/** A sink that sends to a port where nobody listens any more. */
async function sinkToNobody(): Promise<Plugin> {
  const server = await scriptServer(answers('One.'));
  await server.close();
  return definePlugin({
    name: 'to-nobody',
    apiVersion: 1,
    setup: (host) => {
      const { clock, logger } = host;
      const write = async (batch: readonly Stat[]): Promise<void> => {
        await fetch(server.url, { method: 'POST', body: JSON.stringify(batch) });
      };
      const queue = batched<Stat>({ name: 'to-nobody', clock, logger, everyMs: 20, flushMs: 200, write });
      host.addStatSink({
        name: 'to-nobody',
        record: (stat) => queue.add(stat),
        flush: () => queue.flush(),
        close: () => queue.close(),
        backlog: () => queue.counts,
      });
    },
  });
}

const throwing = badSink('throwing', () => {
  throw new Error('disk full');
});
const rejecting = badSink('rejecting', () => Promise.reject(new Error('no route')));
const slow = badSink('slow', () => busyFor(30));

function recordingLogger(): Logger & { readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const silent = (): void => undefined;
  return { warnings, debug: silent, info: silent, error: silent, warn: (message) => void warnings.push(message) };
}

describe('116: a sink', () => {
  it.each([
    ['throws', throwing, /"throwing" threw/],
    ['rejects', rejecting, /"rejecting" rejected/],
    ['takes 30 ms', slow, /"slow" took \d+ ms/],
  ] as const)('116: that %s fails no generation and is named in the log once', async (_, plugin, complaint) => {
    const logger = recordingLogger();
    const { pipeline, sink } = await aScene([answers('Once upon a time.')], {
      plugins: [plugin],
      register: (container) => void container.register(tokens.LOGGER, { useValue: logger }),
    });
    for (let call = 0; call < 3; call += 1) expect((await success(pipeline)).text).toBe('Once upon a time.');
    expect(logger.warnings.filter((warning) => complaint.test(warning))).toHaveLength(1);
    expect(sink.generations.map(({ outcome }) => outcome)).toEqual(['success', 'success', 'success']);
    expect(pipeline.stats()).toMatchObject({ requests: 3, failed: 0, cancelled: 0 });
  });

  it('116: that throws does not keep stats from those after it', async () => {
    const later: Stat[] = [];
    const { pipeline } = await aScene([answers('One.')], {
      plugins: [throwing, badSink('later', (stat) => later.push(stat))],
    });
    await success(pipeline);
    expect(later.map(({ type }) => type)).toEqual(['attempt-end', 'generation-end']);
  });

  it('116: of every bad kind at once: each generation is whole, no timer fires, and each sink is counted and named once', async () => {
    const logger = recordingLogger();
    // It goes on while this thread stands still.
    const steady = await steadyServer([...words.map((word) => delta(word)), finish() + DONE]);
    const { pipeline, sink } = await aScene([answers('One.')], {
      plugins: [
        badSink('blocking', () => busyFor(200)),
        badSink('slow', () => new Promise((resolve) => setTimeout(resolve, 200))),
        throwing,
        rejecting,
        await sinkToNobody(),
      ],
      config: {
        timeouts: { idleMs: 60, contentIdleMs: 60 },
        retry: { maxAttempts: 1 },
        plugins: { openrouter: { baseUrl: steady.url } },
      },
      register: (container) => void container.register(tokens.LOGGER, { useValue: logger }),
    });
    const courses = await Promise.all(Array.from({ length: 6 }, () => success(pipeline)));
    expect(courses.map(({ text, tries }) => ({ text, tries }))).toEqual(
      Array(6).fill({ text: words.join(''), tries: ['ok'] }),
    );
    await pipeline.dispose();
    await steady.close();
    expect(sink.stats).toHaveLength(12);
    const counts = pipeline.sinks().filter(({ name }) => !['usage-stats', 'model-speeds', 'memory'].includes(name));
    // Whether another record took over 20 ms is up to the machine.
    expect(
      counts.map(({ slow: count, ...others }) => (others.name === 'blocking' ? { ...others, slow: count } : others)),
    ).toEqual([
      { name: 'blocking', recorded: 12, failed: 0, slow: 12, queued: 0, dropped: 0 },
      { name: 'slow', recorded: 12, failed: 0, queued: 0, dropped: 0 },
      { name: 'throwing', recorded: 0, failed: 12, queued: 0, dropped: 0 },
      { name: 'rejecting', recorded: 0, failed: 12, queued: 0, dropped: 0 },
      { name: 'to-nobody', recorded: 12, failed: 0, queued: 0, dropped: 12 },
    ]);
    for (const complaint of [
      /"blocking" took \d+ ms/,
      /"throwing" threw/,
      /"rejecting" rejected/,
      /"to-nobody" cannot write/,
      /"throwing" missed 12 of 12/,
      /"rejecting" missed 12 of 12/,
      /"to-nobody" lost 12 of 12/,
    ]) {
      expect(logger.warnings.filter((warning) => complaint.test(warning))).toHaveLength(1);
    }
  });

  it('116: that takes long makes no timer of a running stream fire', async () => {
    const stalling = badSink('stalling', () => busyFor(100));
    const { pipeline } = await aScene([PACED, answers('One.')], {
      plugins: [stalling],
      config: { timeouts: { idleMs: 60, contentIdleMs: 60 }, retry: { maxAttempts: 1 } },
    });
    const long = success(pipeline);
    await new Promise((resolve) => setTimeout(resolve, 40));
    await success(pipeline);
    expect((await long).text).toBe(words.join(''));
  });
});
