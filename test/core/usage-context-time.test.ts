import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NEVER, Observable, of, take, throwError } from 'rxjs';
import { contextKey, RequestContext } from '../../src/core/context.js';
import { AbortError, TimeoutError } from '../../src/core/errors/classes.js';
import { estimateTokens, promptCharacters } from '../../src/core/estimate.js';
import { isCommitPoint } from '../../src/core/events.js';
import type { GenerationEvent } from '../../src/core/events.js';
import { failAfter } from '../../src/core/util/fail-after.js';
import { guarded } from '../../src/core/util/guarded.js';
import { monitorAfter, SILENT_MONITOR } from '../../src/core/monitor.js';
import { addCost, NO_COST, sumCost, sumUsage, UNMEASURED } from '../../src/core/usage.js';
import type { Usage } from '../../src/core/usage.js';
import { wait } from '../../src/core/util/wait.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { anEnd, CUSTOM, REASONING, TEXT, TOOL_CALL } from '../chain/chain.js';
import { RUNS } from '../support/runs.js';

const reported = (parts: Partial<Usage> = {}): Usage => ({
  inputTokens: 10,
  outputTokens: 3,
  source: 'reported',
  ...parts,
});

describe('the sum of usage', () => {
  it('adds every count, and has no count that all parts lack', () => {
    const sum = sumUsage([
      reported({ cachedInputTokens: 4, costUsd: 0.1 }),
      reported({ cachedInputTokens: 1, reasoningTokens: 2, costUsd: 0.2 }),
    ]);
    expect(sum).toStrictEqual({
      inputTokens: 20,
      outputTokens: 6,
      cachedInputTokens: 5,
      reasoningTokens: 2,
      costUsd: 0.3,
      source: 'reported',
    });
  });

  it.each<[readonly Usage['source'][], Usage['source']]>([
    [[], 'unmeasured'],
    [['unmeasured', 'unmeasured'], 'unmeasured'],
    [['unmeasured', 'reported'], 'reported'],
    [['reported', 'estimated', 'reported'], 'estimated'],
    [['estimated', 'unmeasured'], 'estimated'],
  ])('of %j is %s', (sources, source) => {
    expect(sumUsage(sources.map((each) => reported({ source: each }))).source).toBe(source);
  });

  it('does not depend on the order of its parts', () => {
    const count = fc.option(fc.nat(100_000), { nil: undefined });
    const usage = fc.record({
      inputTokens: fc.nat(100_000),
      outputTokens: fc.nat(100_000),
      costUsd: count.map((n) => n && n / 1e6),
      cacheWriteTokens: count,
      source: fc.constantFrom('reported', 'estimated', 'unmeasured'),
    });
    fc.assert(
      fc.property(fc.array(usage as fc.Arbitrary<Usage>, { maxLength: 6 }), (parts) => {
        expect(sumUsage([...parts].reverse())).toEqual(sumUsage(parts));
        expect(sumUsage(parts).inputTokens).toBe(parts.reduce((sum, { inputTokens }) => sum + inputTokens, 0));
      }),
      RUNS,
    );
  });
});

describe('the sum of cost', () => {
  it('keeps dollars free of binary dust: 0.1 + 0.2 is 0.3, ten thousand times a millionth is a hundredth', () => {
    expect(sumCost([reported({ costUsd: 0.1 }), reported({ costUsd: 0.2 })]).known).toBe(0.3);
    expect(sumCost(Array.from({ length: 10_000 }, () => reported({ costUsd: 0.000_001 }))).known).toBe(0.01);
  });

  it('uses an estimated price if the vendor reported none, and separates it from reported ones', () => {
    const parts = [
      reported({ costUsd: 0.5 }),
      reported({ estimatedCostUsd: 0.1 }),
      reported({ estimatedCostUsd: 0.2 }),
    ];
    expect(sumCost(parts)).toEqual({ known: 0.5, estimated: 0.3, unmeasuredAttempts: 0 });
    expect(sumUsage(parts)).toMatchObject({ costUsd: 0.5, estimatedCostUsd: 0.3 });
  });

  it('counts unmeasured attempts, and treats a reported 0 as known', () => {
    expect(sumCost([UNMEASURED, reported(), reported({ costUsd: 0 })])).toEqual({
      known: 0,
      estimated: 0,
      unmeasuredAttempts: 2,
    });
    expect(sumCost([])).toEqual(NO_COST);
  });

  it('adds totals part by part', () => {
    expect(
      addCost(
        { known: 0.1, estimated: 0.7, unmeasuredAttempts: 1 },
        { known: 0.2, estimated: 0.1, unmeasuredAttempts: 2 },
      ),
    ).toEqual({ known: 0.3, estimated: 0.8, unmeasuredAttempts: 3 });
  });
});

describe('an estimate', () => {
  it('is a token for every four characters of all messages, rounded up', () => {
    expect([0, 1, 4, 5].map(estimateTokens)).toEqual([0, 1, 1, 2]);
    expect(
      promptCharacters({
        messages: [
          { role: 'system', content: 'abc' },
          { role: 'user', content: 'de' },
        ],
      }),
    ).toBe(5);
  });
});

describe('the context of a request', () => {
  const DEPTH = contextKey('depth', 0);

  it('gives the fallback until a value is set, and never changes in place', () => {
    const deeper = RequestContext.empty.with(DEPTH, 2);
    expect([
      RequestContext.empty.get(DEPTH),
      deeper.get(DEPTH),
      deeper.with(DEPTH, 3).get(DEPTH),
      deeper.get(DEPTH),
    ]).toEqual([0, 2, 3, 2]);
  });

  it('keeps keys of the same name apart, and a value of undefined from the fallback', () => {
    const other = contextKey<number | undefined>('depth', 7);
    const context = RequestContext.empty.with(DEPTH, 1);
    expect([context.get(other), context.with(other, undefined).get(other), context.with(other, 5).get(DEPTH)]).toEqual([
      7,
      undefined,
      1,
    ]);
  });
});

describe('the commit point', () => {
  it('is text or a tool call, not reasoning or progress', () => {
    const events: GenerationEvent[] = [TEXT, TOOL_CALL, REASONING, CUSTOM, { type: 'waiting', for: 'slot' }, anEnd()];
    expect(events.map(isCommitPoint)).toEqual([true, true, false, false, false, false]);
  });
});

describe('monitorAfter', () => {
  it('notifies the first one, then itself, and forwards other notifications', () => {
    const heard: string[] = [];
    const first = {
      ...SILENT_MONITOR,
      onSocket: (reused: boolean) => heard.push(`first ${reused}`),
      onBytes: (count: number) => heard.push(`bytes ${count}`),
    };
    const both = monitorAfter(first, { onSocket: (reused) => heard.push(`second ${reused}`) });
    both.onSocket(true);
    both.onBytes(3);
    expect(heard).toEqual(['first true', 'second true', 'bytes 3']);
  });
});

describe('guarded', () => {
  it('passes arguments on and drops what the observer throws', () => {
    const seen: unknown[] = [];
    const observe = guarded((...values: unknown[]) => {
      seen.push(...values);
      throw new Error('out of order');
    });
    expect(() => observe(1, 'two')).not.toThrow();
    expect(seen).toEqual([1, 'two']);
  });
});

describe('wait', () => {
  it('sets no timer before subscription, completes after its time, and clears the timer if it is left', () => {
    const clock = new ManualClock();
    const pause = wait(clock, 50);
    expect(clock.pending).toBe(0);
    let ends = 0;
    pause.subscribe({
      complete: () => {
        ends += 1;
      },
    });
    const left = pause.subscribe({
      complete: () => {
        ends += 1;
      },
    });
    clock.advance(49);
    expect([ends, clock.pending]).toEqual([0, 2]);
    left.unsubscribe();
    clock.advance(1);
    expect([ends, clock.pending]).toEqual([1, 0]);
  });
});

describe('failAfter', () => {
  const late = (): TimeoutError => new TimeoutError('deadline', 'late');

  it('stops the source before it reports the failure', () => {
    const clock = new ManualClock();
    const told: string[] = [];
    const source = new Observable<never>(() => () => told.push('stopped'));
    source.pipe(failAfter(clock, 10, late)).subscribe({ error: () => told.push('failed') });
    clock.advance(9);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual(['stopped', 'failed']);
    expect(clock.pending).toBe(0);
  });

  it('stops a source that is unsubscribed during an event while still being subscribed to', () => {
    const clock = new ManualClock();
    let wasStopped = false;
    const source = new Observable<number>((subscriber) => {
      subscriber.next(1);
      wasStopped = subscriber.closed;
    });
    source.pipe(failAfter(clock, 10, late), take(1)).subscribe();
    expect([wasStopped, clock.pending]).toEqual([true, 0]);
  });

  it.each([
    ['completes', of(1)],
    ['fails by itself', throwError(() => new AbortError())],
    ['is left', NEVER],
  ])('leaves no timer behind when the source %s', (_how, source) => {
    const clock = new ManualClock();
    const failures: unknown[] = [];
    const subscription = source.pipe(failAfter(clock, 10, late)).subscribe({ error: (error) => failures.push(error) });
    subscription.unsubscribe();
    expect(clock.pending).toBe(0);
    clock.advance(20);
    expect(failures.filter((error) => error instanceof TimeoutError)).toEqual([]);
  });
});
