import { describe, expect, it } from '@jest/globals';
import { concat, from, of, take, tap, throwError } from 'rxjs';
import { GenerationError } from '../../src/core/errors/generation-error.js';
import type { GenerationEvent } from '../../src/core/events.js';
import { stateOf } from '../../src/core/state.js';
import { checkGrammar } from '../../src/testing/grammar.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { MemorySink } from '../../src/testing/memory-sink.js';
import { aRequest } from '../../src/testing/request-builder.js';
import { anEnd, CUSTOM, REASONING, TEXT, TOOL_CALL } from '../chain/chain.js';
import { aGeneration, anAttempt } from '../stats/a-stat.js';

describe('the manual clock', () => {
  it('stands still until it is told to go on', () => {
    const clock = new ManualClock(1_000);
    expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0]);
    clock.advance(5);
    expect([clock.now(), clock.monotonic()]).toEqual([1_005, 5]);
  });

  it('runs what falls due in order of time, then of setting, at its own time', () => {
    const clock = new ManualClock();
    const ran: [string, number][] = [];
    const set = (name: string, ms: number): void => void clock.setTimer(ms, () => ran.push([name, clock.monotonic()]));
    set('later', 20);
    set('first', 10);
    set('second', 10);
    set('too late', 31);
    clock.advance(30);
    expect(ran).toEqual([
      ['first', 10],
      ['second', 10],
      ['later', 20],
    ]);
    expect([clock.monotonic(), clock.pending]).toEqual([30, 1]);
  });

  it('runs timers that a timer sets, if they still fall due', () => {
    const clock = new ManualClock();
    const ticks: number[] = [];
    const tick = (): void => {
      ticks.push(clock.monotonic());
      clock.setTimer(10, tick);
    };
    clock.setTimer(10, tick);
    clock.advance(35);
    expect(ticks).toEqual([10, 20, 30]);
  });

  it('does not run a timer that was cancelled, nor any twice', () => {
    const clock = new ManualClock();
    let runs = 0;
    const cancel = clock.setTimer(10, () => {
      runs += 1;
    });
    clock.setTimer(10, () => {
      runs += 1;
    });
    cancel();
    cancel();
    expect(clock.pending).toBe(1);
    clock.advance(10);
    clock.advance(10);
    expect([runs, clock.pending]).toEqual([1, 0]);
  });
});

describe('checkGrammar', () => {
  const outcome = (...events: readonly GenerationEvent[]) => {
    const seen: GenerationEvent[] = [];
    const ends: unknown[] = [];
    of(...events)
      .pipe(checkGrammar())
      .subscribe({
        next: (event) => seen.push(event),
        error: (error) => ends.push(error),
        complete: () => ends.push('complete'),
      });
    return { seen, end: ends[0], ends: ends.length };
  };

  it('passes on what keeps the grammar', () => {
    const events: GenerationEvent[] = [
      { type: 'attempt-start', attempt: 1, provider: 'fake', model: 'a-model' },
      REASONING,
      TEXT,
      CUSTOM,
      { type: 'continuation', segment: 2, reason: 'interrupted', provider: 'fake', model: 'a-model' },
      TEXT,
      TOOL_CALL,
      { type: 'restart', reason: 'interrupted' },
      TEXT,
      anEnd(),
    ];
    expect(outcome(...events)).toEqual({ seen: events, end: 'complete', ends: 1 });
  });

  it.each<[string, readonly GenerationEvent[], RegExp]>([
    ['completes without an end', [TEXT], /completed after text-delta instead of generation-end/],
    ['is empty', [], /completed after nothing/],
    ['goes on after its end', [anEnd(), CUSTOM], /custom after generation-end/],
    ['ends twice', [anEnd(), anEnd()], /generation-end after generation-end/],
    ['has an empty text', [{ type: 'text-delta', delta: '' }, anEnd()], /an empty text-delta/],
    ['has an empty thought', [{ type: 'reasoning-delta', delta: '', attempt: 1 }, anEnd()], /an empty reasoning-delta/],
    ['has half a character', [{ type: 'text-delta', delta: '\ud83d' }, anEnd()], /half a character/],
  ])('fails a stream that %s, once, with a plain error', (_what, events, message) => {
    const { end, ends } = outcome(...events);
    expect(String(end)).toMatch(message);
    expect([GenerationError.is(end), ends]).toEqual([false, 1]);
  });

  it('hears nothing more of a stream that is left while it is still being subscribed to', () => {
    const heard: string[] = [];
    from([TEXT, CUSTOM, anEnd()])
      .pipe(
        tap(({ type }) => heard.push(type)),
        checkGrammar(),
        take(1),
      )
      .subscribe();
    expect(heard).toEqual(['text-delta']);
  });

  it('lets a GenerationError through and no other', () => {
    const failWith = (error: unknown): unknown => {
      const ends: unknown[] = [];
      concat(
        of(TEXT),
        throwError(() => error),
      )
        .pipe(checkGrammar())
        .subscribe({ error: (end) => ends.push(end) });
      return ends[0];
    };
    const own = new GenerationError('internal', 'x');
    expect(failWith(own)).toBe(own);
    expect(String(failWith(new TypeError('x')))).toMatch(
      /failed with something else than a GenerationError: TypeError: x/,
    );
  });
});

describe('the memory sink', () => {
  it('keeps every stat, in order and by kind', () => {
    const sink = new MemorySink();
    const stats = [anAttempt(), anAttempt({ attempt: 2 }), aGeneration()];
    stats.forEach((stat) => sink.record(stat));
    expect([sink.stats, sink.attempts, sink.generations]).toEqual([stats, stats.slice(0, 2), stats.slice(2)]);
  });
});

describe('aRequest', () => {
  it('is whole, takes what it is given, and has a state of its own', () => {
    const [one, other] = [aRequest({ model: 'b-model', labels: { book: 'ada' } }), aRequest()];
    expect(one).toMatchObject({ id: 'generation-1', model: 'b-model', wire: 'sse', labels: { book: 'ada' } });
    stateOf(one).requests += 1;
    expect(stateOf(other).requests).toBe(0);
  });
});
