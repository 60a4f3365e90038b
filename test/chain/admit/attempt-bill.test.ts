import { describe, expect, it } from '@jest/globals';
import { billed, settle, useOf, wasRefused } from '../../../src/chain/admit/attempt-bill.js';
import type { EndedAttempt } from '../../../src/chain/admit/attempt-bill.js';
import { NO_EXCESS } from '../../../src/chain/admit/excesses.js';
import type { WorstCase } from '../../../src/chain/admit/worst-case.js';
import type { AttemptRecord } from '../../../src/core/attempt.js';
import type { ReportUsage, SpendingUse } from '../../../src/core/ports.js';
import type { Usage } from '../../../src/core/usage.js';

/** A prompt of 100 tokens and an answer of up to 400, at a cent for a token. */
const WORST: WorstCase = {
  promptTokens: 100,
  outputTokens: 400,
  tokens: 500,
  usd: 5,
  isPriceKnown: true,
  isFree: false,
  unknownFees: [],
  mayReason: false,
  excess: NO_EXCESS,
  tokensFor: () => undefined,
  costOf: (prompt, output) => (prompt + output) / 100,
};
const UNPRICED: WorstCase = { ...WORST, isPriceKnown: false, costOf: () => undefined };
const ENDED: EndedAttempt = { worst: WORST, status: undefined, characters: 0, hasRejectedCounts: false };
const GUESS: Usage = { inputTokens: 10, outputTokens: 20, source: 'estimated' };
const BILL: Usage = { ...GUESS, source: 'reported' };
const RECORD: AttemptRecord = {
  attempt: 1,
  provider: 'quill',
  model: 'quill-1',
  outcome: 'error',
  sent: true,
  startedAt: 0,
  latencyMs: 1,
  usage: GUESS,
};

const use = (record: Partial<AttemptRecord>, ended: Partial<EndedAttempt> = {}): SpendingUse =>
  useOf({ ...RECORD, ...record }, { ...ENDED, ...ended });

describe('the bill of an attempt', () => {
  const FREE = { isFree: true };

  it.each<[string, { readonly usage?: Partial<Usage>; readonly worst?: Partial<WorstCase> }, SpendingUse]>([
    ['the cost of the vendor', { usage: { costUsd: 7, estimatedCostUsd: 3 } }, { tokens: 30, usd: 7 }],
    ['the estimated cost', { usage: { estimatedCostUsd: 3 } }, { tokens: 30, usd: 3 }],
    ['the worst price', {}, { tokens: 30, usd: 0.3 }],
    ['nothing where it is free', { usage: { estimatedCostUsd: 3 }, worst: FREE }, { tokens: 30, usd: 0 }],
    ['the cost of the vendor where it is free', { usage: { costUsd: 7 }, worst: FREE }, { tokens: 30, usd: 7 }],
    ['an unknown cost', { worst: UNPRICED }, { tokens: 30, usd: 0, isCostUnknown: true }],
  ])('is %s', (_name, { usage, worst }, expected) => {
    expect(billed({ ...BILL, ...usage }, { ...WORST, ...worst })).toStrictEqual(expected);
    expect(use({ usage: { ...BILL, ...usage } }, { worst: { ...WORST, ...worst } })).toStrictEqual(expected);
  });
});

describe('the use of an attempt without a bill', () => {
  it('is its worst case', () => {
    expect(use({})).toStrictEqual({ tokens: 500, usd: 5 });
    expect(use({}, { worst: UNPRICED })).toStrictEqual({ tokens: 500, usd: 0, isCostUnknown: true });
    expect(use({ usage: { ...GUESS, costUsd: 1 } })).toStrictEqual({ tokens: 500, usd: 1 });
  });

  it('is what the vendor has counted so far, if that is more', () => {
    expect(use({ usage: { ...GUESS, inputTokens: 150 } })).toStrictEqual({ tokens: 550, usd: 5.5 });
    expect(use({ usage: { ...GUESS, outputTokens: 450 } })).toStrictEqual({ tokens: 550, usd: 5.5 });
  });

  it('is what has been counted where nothing bounds it', () => {
    expect(use({}, { worst: { ...WORST, outputTokens: undefined } })).toStrictEqual({ tokens: 120, usd: 1.2 });
    expect(use({}, { worst: { ...WORST, promptTokens: Infinity } })).toStrictEqual({ tokens: 410, usd: 4.1 });
  });

  it('is nothing if it was not sent, or refused before a word', () => {
    const nothing = { tokens: 0, usd: 0 };
    expect({
      unsent: use({ sent: false }),
      unsentBehindText: use({ sent: false }, { characters: 5 }),
      refused: use({ status: 429 }),
      refusedNow: use({}, { status: 400 }),
      charged: use({ status: 429, usage: { ...GUESS, costUsd: 0.5 } }),
    }).toStrictEqual({
      unsent: nothing,
      unsentBehindText: nothing,
      refused: nothing,
      refusedNow: nothing,
      charged: { tokens: 0, usd: 0.5 },
    });
    expect({
      behindText: use({ status: 429 }, { characters: 5 }).tokens,
      later: use({ status: 429 }, { status: 200 }).tokens,
      gaveUp: use({ status: 504 }).tokens,
    }).toEqual({ behindText: 500, later: 500, gaveUp: 500 });
  });

  it.each<[number | undefined, boolean]>([
    [undefined, false],
    [200, false],
    [399, false],
    [400, true],
    [408, false],
    [429, true],
    [500, true],
    [504, false],
    [520, false],
    [522, false],
    [524, false],
  ])('is nothing at status %p: %p', (status, expected) => {
    expect(wasRefused(status)).toBe(expected);
  });

  it('is at most a token for each character of a whole answer', () => {
    const whole = { outcome: 'success' as const };
    expect({
      short: use(whole, { characters: 50 }).tokens,
      long: use(whole, { characters: 900 }).tokens,
      counted: use({ ...whole, usage: { ...GUESS, outputTokens: 60 } }, { characters: 50 }).tokens,
      broken: use({}, { characters: 50 }).tokens,
      left: use({ outcome: 'cancelled' }, { characters: 50 }).tokens,
      rejected: use(whole, { characters: 50, hasRejectedCounts: true }).tokens,
      thinking: use(whole, { characters: 50, worst: { ...WORST, mayReason: true } }).tokens,
    }).toEqual({ short: 150, long: 500, counted: 160, broken: 500, left: 500, rejected: 500, thinking: 500 });
  });
});

/** Settles attempts at a vendor that is asked for the usage of some. */
function settling(records: readonly Partial<AttemptRecord>[], asked?: readonly number[], worst = WORST) {
  const [settled, learned]: [SpendingUse[], Usage[]] = [[], []];
  const reports = new Map<number, ReportUsage>();
  settle(
    {
      reservation: { isValid: () => true, release: () => undefined, settle: (amounts) => void settled.push(amounts) },
      generationId: 'generation-1',
      lateUsage: asked && {
        whenKnown: ({ generationId, attempt }, report) => {
          if (generationId !== 'generation-1' || !asked.includes(attempt)) return false;
          reports.set(attempt, report);
          return true;
        },
      },
      learn: (usage) => void learned.push(usage),
    },
    records.map((record, index) => ({ ...RECORD, attempt: index + 1, ...record })),
    { ...ENDED, worst },
  );
  return { settled, learned, report: (attempt: number, usage?: Usage) => reports.get(attempt)!(usage) };
}

describe('a reservation', () => {
  it('is settled at once by bills and worst cases', () => {
    for (const asked of [undefined, [], [7]]) {
      const { settled, learned } = settling([{ usage: BILL }, {}], asked);
      expect({ settled, learned }).toStrictEqual({ settled: [{ tokens: 530, usd: 5.3 }], learned: [BILL] });
    }
  });

  it('has an unknown cost if one of its attempts has', () => {
    const known = { usage: { ...BILL, costUsd: 1 } };
    for (const records of [
      [known, {}],
      [{}, known],
    ])
      expect(settling(records, undefined, UNPRICED).settled).toStrictEqual([
        { tokens: 530, usd: 1, isCostUnknown: true },
      ]);
  });

  it('waits for the usage of all attempts of which the vendor is asked, and learns from it', () => {
    const { settled, learned, report } = settling([{}, { usage: BILL }, {}, {}], [1, 3]);
    report(1, { ...BILL, costUsd: 2 });
    expect(settled).toEqual([]);
    report(3, { ...BILL, costUsd: 4 });
    expect({ settled, learned }).toStrictEqual({
      settled: [{ tokens: 30 + 30 + 30 + 500, usd: 2 + 0.3 + 4 + 5 }],
      learned: [BILL, { ...BILL, costUsd: 2 }, { ...BILL, costUsd: 4 }],
    });
  });

  it('keeps the worst case of an attempt whose usage stays unknown', () => {
    const { settled, learned, report } = settling([{}], [1]);
    report(1);
    expect({ settled, learned }).toStrictEqual({ settled: [{ tokens: 500, usd: 5 }], learned: [] });
  });

  it('keeps the tokens of the worst case if only the cost becomes known', () => {
    const { settled, learned, report } = settling([{}], [1]);
    report(1, { ...GUESS, costUsd: 0.25 });
    expect({ settled, learned }).toStrictEqual({ settled: [{ tokens: 500, usd: 0.25 }], learned: [] });
    const unknown = settling([{}], [1]);
    unknown.report(1, GUESS);
    expect(unknown.settled).toStrictEqual([{ tokens: 500, usd: 5 }]);
  });
});
