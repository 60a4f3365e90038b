import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { failureOf } from '../../support/pipelines.js';
import { measured } from './measured.js';
import { sum } from './samples.js';

const ROUTE = { provider: 'openrouter', model: 'scriptorium/exact' };

describe('the gauges of what keeps requests away', () => {
  it('show a breaker that has opened, and who waits for it', async () => {
    const { pipeline, emulator, scrape } = await measured({
      config: { breaker: { minimumCalls: 2, openMs: 60_000 }, retry: { maxAttempts: 1 } },
    });
    await pipeline.generate({ prompt: 'Begin.' });
    expect(await scrape()).toContainEqual({ name: 'scriptorium_breaker_open', labels: ROUTE, value: 0 });
    emulator.script(...Array.from({ length: 9 }, () => ({ status: 503 })));
    for (let call = 0; call < 4; call += 1) await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    expect(await scrape()).toContainEqual({ name: 'scriptorium_breaker_open', labels: ROUTE, value: 1 });

    const waiting = pipeline.text({ prompt: 'Begin.' }).subscribe();
    expect(sum(await scrape(), 'requests_waiting', { reason: 'breaker' })).toBe(1);
    waiting.unsubscribe();
    const samples = await scrape();
    expect(sum(samples, 'requests_waiting')).toBe(0);
    expect(sum(samples, 'waits_total', { reason: 'breaker' })).toBe(1);
  });

  it('show for how long the server still holds requests back', async () => {
    const { pipeline, emulator, scrape } = await measured();
    emulator.script({ status: 429, headers: { 'retry-after': '3000' } });
    await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    const held = sum(await scrape(), 'limit_held_seconds', ROUTE);
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThanOrEqual(3_000);
  });

  it('show who waits for a slot', async () => {
    const { pipeline, emulator, scrape } = await measured({ config: { concurrency: { max: 1 } } });
    emulator.script({ stall: 'after-headers' });
    const [first, second] = [1, 2].map(() => pipeline.text({ prompt: 'Begin.' }).subscribe());
    await eventually(() => emulator.requests.length === 1);
    const samples = await scrape();
    expect(['requests_in_flight', 'attempts_in_flight', 'requests_waiting'].map((name) => sum(samples, name))).toEqual([
      2, 1, 1,
    ]);
    expect(sum(samples, 'requests_waiting', { reason: 'slot' })).toBe(1);
    first?.unsubscribe();
    second?.unsubscribe();
  });
});
