import { describe, expect, it } from '@jest/globals';
import { concat, finalize, NEVER, of, takeWhile } from 'rxjs';
import type { Observable } from 'rxjs';
import { ApiError, InterruptedError, RateLimitError, RetryExhaustedError } from '../../../src/core/errors/classes.js';
import type { GenerationEvent } from '../../../src/core/events.js';
import { newGenerationState, withState } from '../../../src/core/state.js';
import { failing } from '../chain.js';
import { ANCHOR, breaks, DELIVERED, deltas, generate, generated, says, START, WHOLE } from './going-on.js';

const REST = WHOLE.slice(DELIVERED.length);
const INSTRUCTED = { prefill: 'instructed' } as const;
/** Breaks off again before it has brought the last words back. */
const attemptsWithoutProgress = (details = {}): Observable<GenerationEvent> => breaks([ANCHOR.slice(0, 9)], details);
const busy = (): Observable<GenerationEvent> =>
  concat(
    of(START),
    failing(() => new ApiError('overloaded', 'busy', { retryable: true, status: 503 })),
  );

describe('attempts that add nothing', () => {
  it('end the generation after the maximum in a row', () => {
    const { run, requests, clock } = generated([breaks([DELIVERED]), attemptsWithoutProgress()], INSTRUCTED);
    expect(run.error).toBeInstanceOf(InterruptedError);
    expect(run.error.cause).toBeInstanceOf(RetryExhaustedError);
    expect(run.error.message).toContain('the host went away');
    expect([requests.length, clock.pending]).toEqual([5, 0]);
  });

  it('are separated by growing waits, which are reported; no wait follows the last', () => {
    const { run, delays } = generated([breaks([DELIVERED]), attemptsWithoutProgress()], INSTRUCTED);
    expect(delays()).toEqual([1_000, 2_000, 4_000]);
    expect(run.events.find(({ type }) => type === 'retry-scheduled')).toEqual({
      type: 'retry-scheduled',
      attempt: 3,
      delayMs: 1_000,
      reason: 'server-error',
    });
  });

  it('are sent only after their backoff', () => {
    const { clock, requests, open } = generate(
      [breaks([DELIVERED]), attemptsWithoutProgress(), says(ANCHOR + REST)],
      INSTRUCTED,
    );
    const { run } = open();
    expect(requests).toHaveLength(2);
    clock.advance(999);
    expect(requests).toHaveLength(2);
    clock.advance(1);
    expect([requests.length, run.isComplete, clock.pending]).toEqual([3, true, 0]);
  });

  it('are reset as soon as one adds a character', () => {
    const streams = [
      breaks([DELIVERED]),
      attemptsWithoutProgress(),
      attemptsWithoutProgress(),
      attemptsWithoutProgress(),
      breaks([WHOLE.slice(0, -10)]),
      breaks(['The ']),
      breaks(['The ']),
      breaks(['The ']),
      says(WHOLE),
    ];
    const { run, text, delays } = generated(streams, INSTRUCTED);
    expect([text(), run.isComplete, delays()]).toEqual([WHOLE, true, [1_000, 2_000, 4_000, 1_000, 2_000, 4_000]]);
  });

  it("are bounded by the request's own setting", () => {
    expect(
      generated([breaks([DELIVERED]), attemptsWithoutProgress()], {
        ...INSTRUCTED,
        request: { overrides: { retry: { maxAttempts: 2 } } },
      }).requests,
    ).toHaveLength(3);
  });

  it('count against the retries of the same segment', () => {
    const { run, requests } = generated([breaks([DELIVERED]), breaks(['sig']), breaks(['sig']), busy()], INSTRUCTED);
    expect([run.error.code, requests.length]).toEqual(['interrupted', 5]);
  });

  it('are counted with those that failed before their first word, within the maximum per segment', () => {
    const { run, requests } = generated(
      [
        breaks([DELIVERED]),
        busy(),
        busy(),
        busy(),
        breaks(['sig']),
        busy(),
        busy(),
        breaks(['sig']),
        busy(),
        breaks(['sig']),
      ],
      INSTRUCTED,
    );
    expect(run.error).toBeInstanceOf(InterruptedError);
    expect(requests.length).toBeLessThanOrEqual(1 + 4 + 1);
  });

  it('give a segment that made progress all its retries', () => {
    const { run, text } = generated([breaks([DELIVERED]), busy(), busy(), busy(), says(ANCHOR + REST)], INSTRUCTED);
    expect([run.isComplete, text()]).toEqual([true, WHOLE]);
  });
});

describe('the bounds of one generation', () => {
  it('limit the splices', () => {
    const streams = ['a', 'b', 'c', 'd', 'e'].map((text) => breaks([text]));
    const { run, requests, text } = generated(streams, { continuity: { maxSegments: 3 } });
    expect(run.error.message).toMatch(/no more than 3 splices \(continuity\.maxSegments\)/);
    expect([requests.length, text()]).toEqual([4, 'abcd']);
    expect(generated([breaks(['a'])], { continuity: { maxSegments: 0 } }).requests).toHaveLength(1);
  });

  it('limit the requests', () => {
    const streams = ['a', 'b', 'c', 'd', 'e'].map((text) => breaks([text]));
    const { run, requests } = generated(streams, { maxRequests: 5 });
    expect(run.error.message).toMatch(/no more than 5 requests \(limits\.maxRequests\)/);
    expect(requests).toHaveLength(5);
  });

  it('include its deadline: no wait goes beyond it', () => {
    const late = (deadlineAt: number) =>
      generated([breaks([DELIVERED]), attemptsWithoutProgress(), says(ANCHOR + REST)], {
        ...INSTRUCTED,
        request: withState({}, { ...newGenerationState(0), deadlineAt }),
      });
    expect([late(1_001).run.isComplete, late(1_000).run.error.code, late(1_000).requests.length]).toEqual([
      true,
      'interrupted',
      2,
    ]);
    expect(late(0).requests).toHaveLength(1);
  });
});

describe("a server's hint", () => {
  const start = Date.UTC(2026, 0, 1);

  it('is a minimum: no continuation before it, though the text had just grown', () => {
    const { clock, requests, open } = generate([breaks(['a'], { retryAt: start + 3_000 }), says('b')]);
    const { run, delays } = open();
    clock.advance(2_999);
    expect([requests.length, delays()]).toEqual([1, [3_000]]);
    clock.advance(1);
    expect([requests.length, run.isComplete]).toEqual([2, true]);
  });

  it('does not shorten a backoff', () => {
    expect(
      generated(
        [breaks([DELIVERED]), attemptsWithoutProgress({ retryAt: start + 10 }), says(ANCHOR + REST)],
        INSTRUCTED,
      ).delays(),
    ).toEqual([1_000]);
  });

  it('beyond the maximum wait ends the generation at once, and is reported', () => {
    const { run, requests } = generated([breaks(['a'], { retryAt: start + 90_001 }), says('b')]);
    expect([run.error.code, run.error.retryAt, requests.length]).toEqual(['interrupted', start + 90_001, 1]);
    expect(generated([breaks(['a'], { retryAt: start + 90_000 }), says('b')]).run.isComplete).toBe(true);
  });

  it('on a rate limit is left to the limiter, which keeps the queue', () => {
    const limited = concat(
      of(START, ...deltas('a')),
      failing(() => new RateLimitError('slow down', { retryAt: start + 500_000 })),
    );
    const { requests, open } = generate([limited, says('b')]);
    expect([open().run.isComplete, requests.length]).toEqual([true, 2]);
  });
});

describe('before a subscription and after its end, resume', () => {
  it('does nothing', () => {
    const { requests, open, clock } = generate([breaks(['a']), says('b')]);
    expect(requests).toHaveLength(0);
    open();
    expect([requests.length, clock.pending]).toEqual([2, 0]);
  });

  it('sends nothing after unsubscription during a backoff', () => {
    const { clock, requests, open } = generate(
      [breaks([DELIVERED]), attemptsWithoutProgress(), says(WHOLE)],
      INSTRUCTED,
    );
    const { run } = open();
    expect(clock.pending).toBe(1);
    run.stop();
    expect(clock.pending).toBe(0);
    clock.advance(60_000);
    expect([requests.length, run.isComplete, run.hasFailed]).toEqual([2, false, false]);
  });

  it('stops the second request, or the first, when unsubscribed during it', () => {
    const stopped: string[] = [];
    const hanging = (name: string, ...texts: readonly string[]) =>
      concat(of(START, ...deltas(...texts)), NEVER).pipe(finalize(() => void stopped.push(name)));
    const second = generate([breaks(['a']), hanging('second', 'b')]);
    second.open().run.stop();
    const first = generate([hanging('first', 'a')]);
    first.open().run.stop();
    expect([stopped, second.requests.length]).toEqual([['second', 'first'], 2]);
  });

  it.each(['retry-scheduled', 'continuation', 'text-delta', 'restart'] as const)(
    'emits and sends nothing after unsubscription during %s',
    (type) => {
      const onBreak = type === 'restart' ? 'restart' : 'resume';
      const { clock, requests, source } = generate(
        [breaks([DELIVERED]), attemptsWithoutProgress(), breaks([ANCHOR + REST]), says(WHOLE)],
        { ...INSTRUCTED, continuity: { onBreak } },
      );
      const seen: string[] = [];
      let sent = 0;
      source.pipe(takeWhile((event) => event.type !== type)).subscribe({
        next: (event) => void seen.push(event.type),
        complete: () => {
          sent = requests.length;
        },
      });
      clock.advance(60_000);
      expect([sent > 0, requests.length, clock.pending, seen.includes(type)]).toEqual([true, sent, 0, false]);
    },
  );

  it('runs afresh for each subscription', () => {
    const { open, requests } = generate([says('a'), says('b')]);
    expect([open().text(), open().text(), requests.map(({ continuation }) => continuation)]).toEqual([
      'a',
      'b',
      [undefined, undefined],
    ]);
  });
});
