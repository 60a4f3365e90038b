import { describe, expect, it } from '@jest/globals';
import { tokens } from 'scriptorium';
import { batched, definePlugin } from 'scriptorium/plugin';
import type { Logger, Plugin, Stat } from 'scriptorium/plugin';
import type { SimulatedProcess, World } from 'scriptorium/testing';
import { CountingClock } from '../support/counting-clock.js';
import { aScene, success } from '../support/scene.js';
import { inScene, inWorld, paces, standStill, streams } from '../support/simulated-scene.js';
import { answers } from '../support/wire.js';

/** A sink as a careless author may write it: its `record` may be anything. */
const badSink = (name: string, record: (stat: Stat) => unknown): Plugin =>
  definePlugin({ name, apiVersion: 1, setup: (host) => host.addStatSink({ name, record }) });

const words = Array.from({ length: 8 }, (_, index) => `word ${index} `);

/** A sink that sends to a port where nobody listens any more. */
const toNobody: Plugin = definePlugin({
  name: 'to-nobody',
  apiVersion: 1,
  setup: (host) => {
    const { clock, logger } = host;
    const write = (): Promise<void> => Promise.reject(new Error('ECONNREFUSED'));
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

const throwing = badSink('throwing', () => {
  throw new Error('disk full');
});
const rejecting = badSink('rejecting', () => Promise.reject(new Error('no route')));

function recordingLogger(): Logger & { readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const silent = (): void => undefined;
  return { warnings, debug: silent, info: silent, error: silent, warn: (message) => void warnings.push(message) };
}

describe('116: a sink', () => {
  it.each([
    ['throws', () => throwing, /"throwing" threw/],
    ['rejects', () => rejecting, /"rejecting" rejected/],
    ['takes 30 ms', (clock: CountingClock) => badSink('slow', () => clock.sleep(30)), /"slow" took \d{2,} ms/],
  ] as const)('116: that %s fails no generation and is named in the log once', async (_, plugin, complaint) => {
    const [logger, clock] = [recordingLogger(), new CountingClock()];
    const { pipeline, sink } = await aScene([answers('Once upon a time.')], {
      clock,
      plugins: [plugin(clock)],
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

  /** A sink during whose `record` the process stands still. */
  const blocking = (world: World, forMs: number, process: () => SimulatedProcess | undefined): Plugin =>
    badSink('blocking', () => {
      const blocked = process();
      if (blocked !== undefined) standStill(world, blocked, forMs);
    });

  it(
    '116: of every bad kind at once: each generation is whole, no timer fires, and each sink is counted and named once',
    inWorld((world) => {
      const logger = recordingLogger();
      let writer: SimulatedProcess | undefined;
      return inScene(
        world,
        {
          scripts: [paces(20, ...words)],
          plugins: [
            blocking(world, 200, () => writer),
            badSink('slow', () => world.sleep(200)),
            throwing,
            rejecting,
            toNobody,
          ],
          config: { timeouts: { idleMs: 60, contentIdleMs: 60 }, retry: { maxAttempts: 1 } },
          register: (container) => void container.register(tokens.LOGGER, { useValue: logger }),
        },
        async ({ pipeline, process, sink }) => {
          writer = process;
          const courses = await Promise.all(Array.from({ length: 6 }, () => success(pipeline)));
          expect(courses.map(({ text, tries }) => ({ text, tries }))).toEqual(
            Array(6).fill({ text: words.join(''), tries: ['ok'] }),
          );
          await pipeline.dispose();
          expect(sink.stats).toHaveLength(12);
          const counts = pipeline
            .sinks()
            .filter(({ name }) => !['usage-stats', 'model-speeds', 'memory'].includes(name));
          expect(counts).toEqual([
            { name: 'blocking', recorded: 12, failed: 0, slow: 0, queued: 0, dropped: 0 },
            { name: 'slow', recorded: 12, failed: 0, slow: 0, queued: 0, dropped: 0 },
            { name: 'throwing', recorded: 0, failed: 12, slow: 0, queued: 0, dropped: 0 },
            { name: 'rejecting', recorded: 0, failed: 12, slow: 0, queued: 0, dropped: 0 },
            { name: 'to-nobody', recorded: 12, failed: 0, slow: 0, queued: 0, dropped: 12 },
          ]);
          for (const complaint of [
            /"throwing" threw/,
            /"rejecting" rejected/,
            /"to-nobody" cannot write/,
            /"throwing" missed 12 of 12/,
            /"rejecting" missed 12 of 12/,
            /"to-nobody" lost 12 of 12/,
          ]) {
            expect(logger.warnings.filter((warning) => complaint.test(warning))).toHaveLength(1);
          }
        },
      );
    }),
  );

  it(
    '116: that takes long makes no timer of a running stream fire',
    inWorld((world) => {
      let writer: SimulatedProcess | undefined;
      return inScene(
        world,
        {
          scripts: [paces(15, ...words), streams('One.')],
          plugins: [blocking(world, 100, () => writer)],
          config: { timeouts: { idleMs: 60, contentIdleMs: 60 }, retry: { maxAttempts: 1 } },
        },
        async ({ pipeline, process }) => {
          writer = process;
          const long = success(pipeline);
          await world.sleep(40);
          await success(pipeline);
          expect((await long).text).toBe(words.join(''));
        },
      );
    }),
  );
});
