import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { GenerationError } from 'scriptorium';
import type { GenerationEvent } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import type { SimulatedFault } from '../../src/testing/simulation/faults-row.js';
import { SIMULATED_FAULTS } from '../../src/testing/simulation/faults.js';
import { simulate } from '../../src/testing/simulation/simulate.js';
import { emulatedVendor } from '../../src/testing/simulation/vendor.js';
import { runWith } from './faults-run.js';
import type { FaultedRun } from './faults-run.js';

const MODEL = 'scriptorium/exact';
const HOUR_MS = 3_600_000;

function faultOf(row: number, title?: string): SimulatedFault {
  const found = SIMULATED_FAULTS.find((fault) => fault.row === row && (title === undefined || fault.title === title));
  if (found === undefined) throw new Error(`No fault ${row}: ${title}`);
  return found;
}

/** The fault in the middle of a text. */
function inText(row: number): SimulatedFault {
  const { wire: _wire, vendor, ...fault } = faultOf(row);
  return { ...fault, vendor: (_random, now) => vendor?.(() => 0.5, now) ?? {} };
}

function endOf({ events }: FaultedRun): GenerationEvent & { readonly type: 'generation-end' } {
  const end = events.at(-1);
  if (end?.type !== 'generation-end') throw new Error('The generation failed.');
  return end;
}

describe('the details of a simulated fault', () => {
  it.each([
    [3, 'connect'],
    [4, 'connect'],
    [10, 'headers'],
    [11, 'headers'],
    [40, 'first-token'],
    [41, 'first-token'],
  ])('%i: runs out the timer "%s"', async (row, timer) => {
    // The idle timer of a silent connection would run out before the one for the first word.
    const config = { retry: { maxAttempts: 1 }, timeouts: { idleMs: 0 } };
    expect((await runWith(faultOf(row), { config })).error).toMatchObject({ code: 'timeout', timer });
  });

  it.each([
    [42, 'idle'],
    [43, 'content-idle'],
  ])('%i: runs out the timer "%s" within a text', async (row, timer) => {
    const { error } = await runWith(inText(row), { config: { continuity: { onBreak: 'fail' } } });
    expect(error?.cause).toMatchObject({ code: 'timeout', timer });
  });

  it.each([0, HOUR_MS, -HOUR_MS])(
    "24: reads a date against the vendor's clock, which is %i ms ahead",
    async (skewMs) => {
      const { gapMs, tries } = await runWith(faultOf(24), { vendor: { skewMs } });
      expect(tries).toEqual(['rate-limit', 'ok']);
      expect(gapMs).toBeGreaterThanOrEqual(2_000);
      expect(gapMs).toBeLessThan(5_000);
    },
  );

  it('27: says when the limit ends', async () => {
    const { error } = await runWith(faultOf(27));
    const afterMs = (error?.retryAt ?? 0) - Date.UTC(2026, 0, 1) - 86_400_000;
    expect(afterMs).toBeGreaterThanOrEqual(0);
    expect(afterMs).toBeLessThan(1_000);
  });

  it('31: keeps the key out of the error', async () => {
    const { error } = await runWith(faultOf(31));
    expect(inspect(error, { depth: 10 }) + JSON.stringify(error)).not.toContain('simulated-key');
  });

  it('77: counts the usage that comes with the error', async () => {
    const run = await runWith(inText(77), { config: { continuity: { onBreak: 'fail' } } });
    expect(run.billedUsd).toBeGreaterThan(0);
    expect(run.error?.partial?.usage).toMatchObject({ source: 'reported' });
    expect(run.error?.partial?.usage.costUsd).toBeCloseTo(run.billedUsd, 9);
  });

  it('86: warns that the connection broke after the answer was complete', async () => {
    const run = await runWith(faultOf(86));
    expect(run.events.filter(({ type }) => type === 'warning')).toHaveLength(1);
  });

  it.each([
    [85, 'an end before the usage', 'estimated'],
    [86, 'a reset after the finish reason', 'estimated'],
    [87, 'no usage', 'estimated'],
    [87, 'usage of null beside empty choices', 'reported'],
    [88, 'usage that grows', 'reported'],
  ])('%i: %s leads to %s usage', async (row, title, source) => {
    const run = await runWith(faultOf(row, title));
    const { usage } = endOf(run);
    expect(usage.source).toBe(source);
    if (source === 'reported') expect(usage.costUsd).toBeCloseTo(run.billedUsd, 9);
  });

  it("89: passes on the finish reason, with the vendor's own word", async () => {
    const reasons = [];
    for (const finishReason of ['content_filter', 'MALFORMED_FUNCTION_CALL', '__proto__'])
      reasons.push(
        endOf(await runWith({ row: 89, title: finishReason, vendor: () => ({ finishReason }) })).finishReason,
      );
    expect(reasons).toEqual([
      { unified: 'content-filter', raw: 'content_filter' },
      { unified: 'other', raw: 'MALFORMED_FUNCTION_CALL' },
      { unified: 'other', raw: '__proto__' },
    ]);
  });
});

describe('a fault that comes again and again', () => {
  it.each([
    [2, 'dns'],
    [13, 'protocol'],
    [18, 'unexpected-content'],
    [73, 'malformed-answer'],
  ])('%i: is retried only once', async (row, code) => {
    const early = { ...faultOf(row), ...(row === 73 && { vendor: () => ({ garbage: { afterDeltas: 0 } }) }) };
    const { tries } = await runWith(early, { times: 5 });
    expect(tries).toEqual([code, code]);
  });

  it('9: is free only once', async () => {
    const { tries } = await runWith(faultOf(9), { times: 2, config: { retry: { maxAttempts: 1 } } });
    expect(tries).toEqual(['connection', 'connection']);
  });
});

describe('a tool call that is cut after some text', () => {
  it('90: is made anew by generate(), which begins again', async () => {
    const { value } = await simulate({ seed: 90 }, async (world) => {
      const vendor = emulatedVendor(world, { words: 60 });
      vendor.script(inText(90));
      const writer = await world.process('writer', {
        plugins: [openrouter({ apiKey: 'simulated-key', baseUrl: vendor.url })],
        config: { defaults: { model: MODEL } },
      });
      const { text, toolCalls } = await writer.pipeline.generate({ prompt: 'Begin.' });
      await writer.stop();
      const whole = vendor.textFor({ model: MODEL, messages: [{ role: 'user', content: 'Begin.' }] });
      return { isWhole: text === whole, toolCalls, requests: vendor.requests.length };
    });
    expect(value).toEqual({ isWhole: true, toolCalls: [], requests: 2 });
  });
});

describe('many generations that meet every fault by chance', () => {
  it('never end with a wrong text', async () => {
    const prompts = Array.from({ length: 250 }, (_, index) => `Begin chapter ${index}.`);
    const { value } = await simulate({ seed: 'crowd' }, async (world) => {
      const vendor = emulatedVendor(world, { words: 40, faults: { rate: 0.5 } });
      const writer = await world.process('writer', {
        plugins: [openrouter({ apiKey: 'simulated-key', baseUrl: vendor.url, prefill: { [MODEL]: 'exact' } })],
        config: { defaults: { model: MODEL }, concurrency: { max: 20 } },
      });
      const outcomes = await Promise.all(
        prompts.map((prompt) =>
          writer.pipeline.generate({ prompt }).then(
            ({ text }) => text === vendor.textFor({ model: MODEL, messages: [{ role: 'user', content: prompt }] }),
            (error: unknown) => GenerationError.is(error) && error.code,
          ),
        ),
      );
      await writer.stop();
      await world.sleep(1_000);
      return { outcomes, met: vendor.faultsMet, open: vendor.host.connections };
    });
    expect(value.outcomes).not.toContain(false);
    expect(value.outcomes).not.toContain('internal');
    expect(value.outcomes.filter((outcome) => outcome === true).length).toBeGreaterThan(125);
    expect(value.met.size).toBeGreaterThan(60);
    expect(value.open).toBe(0);
  });
});
