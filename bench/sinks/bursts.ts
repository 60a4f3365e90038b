import { systemClock } from '../../src/core/clock.js';
import type { Plugin, Stat } from '../../src/plugin.js';
import { StatHub } from '../../src/stats/stat-hub.js';
import { sinkOf } from '../../src/testing.js';
import { cpuOf } from '../kit/cpu.js';

const BURST = 2_000;
const silent = (): void => undefined;

function aStat(index: number): Stat {
  return {
    type: 'attempt-end',
    generationId: `g${index}`,
    labels: { book: 'ada' },
    attempt: 1,
    provider: 'openrouter',
    model: 'a/model',
    outcome: 'success',
    sent: true,
    startedAt: Date.now(),
    latencyMs: 900,
    timeToFirstTokenMs: 300,
    usage: { inputTokens: 100, outputTokens: 200, source: 'reported', costUsd: 0.001 },
  };
}

/** Measures how many stats a second the sinks take, in bursts with a turn of the event loop between two. */
export async function measureBursts(count: number, plugins: readonly Plugin[]): Promise<void> {
  const sinks = await Promise.all(plugins.map((plugin) => sinkOf(plugin)));
  const hub = new StatHub(sinks, { debug: silent, info: silent, warn: silent, error: silent }, systemClock);
  let recordingMs = 0;
  const cpu = await cpuOf(async () => {
    for (let index = 0; index < count; index += BURST) {
      const startedAt = performance.now();
      for (let more = 0; more < BURST; more += 1) hub.record(aStat(index + more));
      recordingMs += performance.now() - startedAt;
      await new Promise(setImmediate);
    }
  });
  const figures = [
    `${(count / recordingMs).toFixed(0)} thousand a second`,
    `${((recordingMs / count) * 1e3).toFixed(2)} µs each`,
    `${(cpu / count).toFixed(2)} µs of CPU with what was written`,
  ].join(', ');
  const dropped = hub.counts.map(({ name, dropped: lost }) => `${name} ${lost}`).join(', ');
  console.log(
    `${count} stats in bursts of ${BURST} into three sinks: ${figures}; beyond their queues dropped and counted: ${dropped}`,
  );
  for (const sink of sinks) await sink.close?.();
}
