import { describe, expect, it } from '@jest/globals';
import { GenerationError, InterruptedError } from 'scriptorium';
import type { SimulatedFault } from '../../src/testing/simulation/faults-row.js';
import { SIMULATED_FAULTS } from '../../src/testing/simulation/faults.js';
import { OUTCOMES } from './faults-outcomes.js';
import type { Outcome } from './faults-outcomes.js';
import { runWith } from './faults-run.js';
import type { FaultedRun } from './faults-run.js';

interface Case extends Outcome {
  readonly name: string;
  readonly fault: SimulatedFault;
}

/** The fault with its first variant in its earliest place (0), or with one in the middle (0.5). */
const drawn = ({ wire, vendor, ...fault }: SimulatedFault, chance: number): SimulatedFault => ({
  ...fault,
  ...(wire && { wire: () => wire(() => chance) }),
  ...(vendor && { vendor: (_random, now) => vendor(() => chance, now) }),
});

const CASES: readonly Case[] = SIMULATED_FAULTS.map((fault) => {
  const name = `${fault.row}: ${fault.title}`;
  return { name, fault, ...OUTCOMES[name] };
});
const FAILING = CASES.filter(({ code }) => code !== undefined);
const HARMLESS = CASES.filter(({ code, later }) => code === undefined && later === undefined);
const LATER = CASES.filter(({ later }) => later !== undefined);
const ONCE = { retry: { maxAttempts: 1 } };
const NOTHING = [0, 0, 0];

/** The fault was met once, nothing was left behind, and no text was delivered that is not the vendor's. */
function expectSound({ faultsMet, left, text, whole }: FaultedRun, { row }: SimulatedFault): void {
  expect({ faultsMet, left }).toEqual({ faultsMet: [[row, 1]], left: NOTHING });
  expect(whole.startsWith(text)).toBe(true);
}

it('has an outcome for each fault, and a fault for each outcome', () => {
  expect(CASES.map(({ name }) => name).sort()).toEqual(Object.keys(OUTCOMES).sort());
  expect(new Set(CASES.map(({ fault }) => fault.row)).size).toBeGreaterThanOrEqual(55);
});

describe('a fault before any text, with one attempt allowed', () => {
  it.each(FAILING)('$name: has its outcome', async ({ fault, code, isFinal, isFree }) => {
    const run = await runWith(drawn(fault, 0), { config: ONCE });
    expectSound(run, fault);
    if (isFree === true)
      expect({ tries: run.tries, text: run.text, error: run.error }).toEqual({ tries: [code, 'ok'], text: run.whole });
    else
      expect({ code: run.error?.code, retryable: run.error?.retryable, tries: run.tries, text: run.text }).toEqual({
        code,
        retryable: isFinal !== true,
        tries: [code],
        text: '',
      });
  });
});

describe('a fault before any text, with the settings as they are by default', () => {
  it.each(FAILING)('$name: has its outcome', async ({ fault, code, isFinal, isGivenUp, gapMs }) => {
    const run = await runWith(drawn(fault, 0));
    expectSound(run, fault);
    if (isFinal === true || isGivenUp === true)
      expect({ code: run.error?.code, tries: run.tries, text: run.text }).toEqual({ code, tries: [code], text: '' });
    else expect({ tries: run.tries, text: run.text }).toEqual({ tries: [code, 'ok'], text: run.whole });
    if (gapMs !== undefined) {
      expect(run.gapMs).toBeGreaterThanOrEqual(gapMs[0]);
      expect(run.gapMs).toBeLessThan(gapMs[1]);
    }
  });
});

describe('a fault that harms nobody', () => {
  it.each(HARMLESS)('$name: is survived by the first attempt', async ({ fault }) => {
    for (const chance of [0, 0.5]) {
      const run = await runWith(drawn(fault, chance), { config: ONCE });
      expectSound(run, fault);
      expect({ tries: run.tries, text: run.text }).toEqual({ tries: ['ok'], text: run.whole });
    }
  });
});

describe('a fault after some text', () => {
  it.each(LATER)('$name: ends the generation if it may not be continued', async ({ fault, later }) => {
    const run = await runWith(drawn(fault, 0.5), { config: { continuity: { onBreak: 'fail' } } });
    expectSound(run, fault);
    const { error } = run;
    expect(error).toBeInstanceOf(InterruptedError);
    expect({
      code: error?.code,
      cause: GenerationError.is(error?.cause) ? error.cause.code : undefined,
      partial: error?.partial?.text,
      tries: run.tries,
    }).toEqual({ code: 'interrupted', cause: later, partial: run.text, tries: [later] });
    expect(run.text.length).toBeGreaterThan(0);
    expect(run.text.length).toBeLessThan(run.whole.length);
  });

  it.each(LATER)('$name: has its outcome', async ({ fault, later, isNotResumed }) => {
    const run = await runWith(drawn(fault, 0.5));
    expectSound(run, fault);
    const splices = run.events.filter(({ type }) => type === 'continuation' || type === 'restart');
    if (isNotResumed === true)
      expect({ splices, code: run.error?.code, isOpen: run.error?.partial?.toolCallsOpen, tries: run.tries }).toEqual({
        splices: [],
        code: 'interrupted',
        isOpen: true,
        tries: [later],
      });
    else
      expect({ splices: splices.map(({ type }) => type), tries: run.tries, text: run.text }).toEqual({
        splices: ['continuation'],
        tries: [later, 'ok'],
        text: run.whole,
      });
  });
});
