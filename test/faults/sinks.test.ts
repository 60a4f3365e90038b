import { describe, expect, it } from '@jest/globals';
import { LOGGER } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { Logger, Plugin, Stat } from 'scriptorium/plugin';
import { aScene, success } from '../support/scene.js';
import { answers, chunk, delta, DONE, finish, LAST_CHUNK, SSE_HEAD } from '../support/wire.js';

/** A sink as a careless author may write it: its `record` may be anything. */
const badSink = (name: string, record: (stat: Stat) => unknown): Plugin =>
  definePlugin({ name, apiVersion: 1, setup: (host) => host.addStatSink({ name, record }) });

const busyFor = (ms: number): void => {
  for (const end = performance.now() + ms; performance.now() < end;);
};

const throwing = badSink('throwing', () => { throw new Error('disk full'); });
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
    const { pipeline, sink } = await aScene([answers('Once upon a time.')], { plugins: [plugin], register: (container) => void container.register(LOGGER, { useValue: logger }) });
    for (let call = 0; call < 3; call += 1) expect((await success(pipeline)).text).toBe('Once upon a time.');
    expect(logger.warnings.filter((warning) => complaint.test(warning))).toHaveLength(1);
    expect(sink.generations.map(({ outcome }) => outcome)).toEqual(['success', 'success', 'success']);
    expect(pipeline.stats()).toMatchObject({ requests: 3, failed: 0, cancelled: 0 });
  });

  it('116: that throws does not keep stats from those after it', async () => {
    const later: Stat[] = [];
    const { pipeline } = await aScene([answers('One.')], { plugins: [throwing, badSink('later', (stat) => later.push(stat))] });
    await success(pipeline);
    expect(later.map(({ type }) => type)).toEqual(['attempt-end', 'generation-end']);
  });

  it('116: that takes long makes no timer of a running stream fire', async () => {
    const words = Array.from({ length: 8 }, (_, index) => `word ${index} `);
    const paced = [{ request: true } as const, { write: SSE_HEAD }, ...words.flatMap((word) => [{ write: chunk(delta(word)) }, { wait: 15 }]), { write: chunk(finish() + DONE) + LAST_CHUNK }];
    const stalling = badSink('stalling', () => busyFor(100));
    const { pipeline } = await aScene([paced, answers('One.')], { plugins: [stalling], config: { timeouts: { idleMs: 60, contentIdleMs: 60 }, retry: { maxAttempts: 1 } } });
    const long = success(pipeline);
    await new Promise((resolve) => setTimeout(resolve, 40));
    await success(pipeline);
    expect((await long).text).toBe(words.join(''));
  });
});
