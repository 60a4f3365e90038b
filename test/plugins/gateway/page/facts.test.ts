import { describe, expect, it } from '@jest/globals';
import { GenerationError } from 'scriptorium';
import type { AttemptRecord, ObservedEvent, Usage } from 'scriptorium';
import { firstFacts, foldFacts } from '../../../../plugins/gateway/page/feed/facts.js';
import type { Facts } from '../../../../plugins/gateway/page/feed/facts.js';
import { END, observed, start, words } from './a-page.js';

/** The facts after some events, of which the nth happens at the nth second. */
function factsAfter(...events: readonly ObservedEvent['event'][]): Facts {
  const first = firstFacts(observed('one', events[0]!), 0);
  return events.reduce((before, event, index) => foldFacts(before, event, index * 1_000), first).facts;
}

const usage = (costUsd: number): Usage => ({ inputTokens: 1, outputTokens: 1, costUsd, source: 'reported' });
const attempt = (costUsd: number): AttemptRecord => ({
  attempt: 1,
  provider: 'openrouter',
  model: 'a/model',
  outcome: 'error',
  sent: true,
  startedAt: 0,
  latencyMs: 1,
  usage: usage(costUsd),
});

describe('the facts of a generation', () => {
  it('name the state after each event', () => {
    const events: readonly ObservedEvent['event'][] = [
      { type: 'waiting', for: 'slot' },
      start(),
      { type: 'reasoning-delta', delta: 'Hm.', attempt: 1 },
      words('Once'),
      { type: 'retry-scheduled', attempt: 2, delayMs: 500, reason: 'connection' },
      start(2),
      { type: 'restart', reason: 'cannot-continue' },
      words('Once'),
      END,
    ];
    expect(events.map((_, index) => factsAfter(...events.slice(0, index + 1)).state)).toEqual([
      'waiting',
      'starting',
      'thinking',
      'writing',
      'retrying',
      'starting',
      'starting',
      'writing',
      'finished',
    ]);
  });

  it('say what a generation waits for and until when, and forget it when the wait ends', () => {
    expect(factsAfter({ type: 'waiting', for: 'rate-limit', untilMs: 9_000 })).toMatchObject({
      state: 'waiting',
      waitsFor: 'rate-limit',
      untilMs: 9_000,
    });
    const after = factsAfter({ type: 'waiting', for: 'rate-limit', untilMs: 9_000 }, start());
    expect({ waitsFor: after.waitsFor, untilMs: after.untilMs }).toEqual({ waitsFor: undefined, untilMs: undefined });
    const retry = { type: 'retry-scheduled', attempt: 2, delayMs: 500, reason: 'overloaded' } as const;
    expect(factsAfter(start(), retry)).toMatchObject({ waitsFor: 'retry', untilMs: 1_500, problem: 'overloaded' });
  });

  it('forget a known end of a wait when the next wait has none', () => {
    const facts = factsAfter({ type: 'waiting', for: 'quota', untilMs: 9_000 }, { type: 'waiting', for: 'slot' });
    expect({ waitsFor: facts.waitsFor, untilMs: facts.untilMs }).toEqual({ waitsFor: 'slot', untilMs: undefined });
  });

  it('count attempts, segments and restarts', () => {
    const continuation = { type: 'continuation', segment: 2, reason: 'length', provider: 'p', model: 'm' } as const;
    expect(factsAfter(start(), words('a'), start(2), continuation)).toMatchObject({ attempts: 2, segments: 2 });
    expect(
      factsAfter(start(), words('a'), start(2), continuation, { type: 'restart', reason: 'connection' }),
    ).toMatchObject({ segments: 1, restarts: 1 });
  });

  it('sum the cost of attempts, and take only the last usage of each', () => {
    const metadata = (costUsd: number) => ({ type: 'response-metadata', usage: usage(costUsd) }) as const;
    expect(factsAfter(start(), metadata(1), metadata(2), start(2), metadata(4)).usd).toBe(6);
    expect(factsAfter(start(), metadata(1), { ...END, attempts: [attempt(3), attempt(5)] }).usd).toBe(8);
  });

  it('mark a cost that is estimated in part', () => {
    const estimated: Usage = { inputTokens: 1, outputTokens: 1, estimatedCostUsd: 2, source: 'estimated' };
    expect(factsAfter(start(), { type: 'response-metadata', usage: estimated })).toMatchObject({
      usd: 2,
      isEstimate: true,
    });
    expect(factsAfter(start(), { type: 'response-metadata', usage: usage(2) }).isEstimate).toBeUndefined();
  });

  it('keep the error and the cost of a generation that failed', () => {
    const error = new GenerationError('overloaded', 'Too busy.').withDetails({ attempts: [attempt(3)] });
    expect(factsAfter(start(), { type: 'generation-failed', error })).toMatchObject({
      state: 'failed',
      problem: 'overloaded: Too busy.',
      usd: 3,
      endedAt: 1_000,
    });
  });

  it('say that a generation had begun before anyone watched', () => {
    const firsts: readonly ObservedEvent['event'][] = [start(), start(2), words('x'), { type: 'waiting', for: 'slot' }];
    expect(firsts.map((event) => factsAfter(event).isJoined ?? false)).toEqual([false, true, true, false]);
  });

  it('are the same object after an event that changes none of them', () => {
    const before = foldFacts(firstFacts(observed('one', start()), 0), words('a'), 0);
    const others: readonly ObservedEvent['event'][] = [
      words('b'),
      { type: 'response-metadata', responseId: 'x' },
      { type: 'custom', name: 'a/b', payload: 1 },
    ];
    expect(others.map((event) => foldFacts(before, event, 5) === before)).toEqual([true, true, true]);
  });

  it('cut labels and messages that are long', () => {
    const labels = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`l${index}`, 'x'.repeat(500)]));
    const { facts } = firstFacts(observed('one', start(), labels), 0);
    expect({ labels: Object.keys(facts.labels).length, value: facts.labels['l0']?.length }).toEqual({
      labels: 6,
      value: 80,
    });
    const error = new GenerationError('internal', 'x'.repeat(5_000));
    expect(factsAfter(start(), { type: 'generation-failed', error }).problem).toHaveLength(300);
  });
});
