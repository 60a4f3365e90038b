import { describe, expect, it } from '@jest/globals';
import { concat, of, Subject } from 'rxjs';
import type { Observable } from 'rxjs';
import type { ModelInfo } from '../../../src/core/catalogue.js';
import { GenerationError } from '../../../src/core/errors/generation-error.js';
import { AbortError, BudgetError } from '../../../src/core/errors/classes.js';
import type { GenerationEvent } from '../../../src/core/events.js';
import type { ModelSpeed } from '../../../src/core/ports.js';
import type { GenerationRequest } from '../../../src/core/request.js';
import { SESSION } from '../../../src/core/routes.js';
import type { Routes } from '../../../src/core/routes.js';
import type { RoutingSettings } from '../../../src/core/settings.js';
import { stateOf, withState } from '../../../src/core/state.js';
import { fallback } from '../../../src/chain/route/fallback.js';
import { routing } from '../../../src/chain/route/routing.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { anEnd, answering, chain, CUSTOM, failing, TEXT, watch } from '../chain.js';

const SETTINGS: RoutingSettings = { models: [], maxPromptPrice: 0, maxCompletionPrice: 0, sessionLabel: 'book' };
const START = (model: string): GenerationEvent => ({ type: 'attempt-start', attempt: 1, provider: 'fake', model });
const good = (model = 'a-model'): Observable<GenerationEvent> => of(START(model), TEXT, anEnd());
const refusing = (): Observable<never> => failing(() => new GenerationError('overloaded', 'busy', { retryable: true }));

interface Scene {
  readonly routes?: Routes;
  readonly settings?: Partial<RoutingSettings>;
  /** US dollars a million tokens, by model: prompt and completion. */
  readonly prices?: Readonly<Record<string, readonly [number, number] | ModelInfo['price']>>;
  readonly speeds?: Readonly<Record<string, ModelSpeed>>;
}

/** `routing` around `fallback`, as in a pipeline; each generation is answered by the streams given. */
function scene({ routes = 'cheapest', settings = {}, prices = {}, speeds = {} }: Scene = {}) {
  const clock = new ManualClock();
  const priceOf = (model: string): ModelInfo['price'] => {
    const price = prices[model];
    if (!Array.isArray(price)) return price as ModelInfo['price'];
    const [prompt, completion] = (price as readonly number[]).map((dollars) => (dollars / 1e6).toFixed(12));
    return { prompt: prompt!, completion: completion! };
  };
  const definitions = [
    routing({
      routes,
      routing: { ...SETTINGS, ...settings },
      clock,
      knownModel: (_provider, model) => {
        const price = priceOf(model);
        return price && { id: model, price };
      },
      speeds: { of: (_provider, model) => speeds[model] ?? { tries: 0 } },
    }),
    fallback(routes, clock),
  ];
  return (streams: readonly Observable<GenerationEvent>[], parts: Partial<GenerationRequest> = {}) => {
    const { handler, requests } = answering(...streams);
    const request = aRequest({ messages: [{ role: 'user', content: 'x'.repeat(4_000) }], maxTokens: 1_000, ...parts });
    const run = watch(chain(handler, ...definitions)(request));
    const told = run.events.flatMap((event) => (event.type === 'route-chosen' ? [event] : []));
    return { run, request, requests, taken: () => requests.map(({ model }) => model), told, choice: told[0] };
  };
}

const THREE = { models: ['b-model', 'c-model'] };

describe('routing', () => {
  it('passes a list of routes without a price cap unchanged', () => {
    const { run, taken, told } = scene({ routes: [{ model: 'b-model' }] })([refusing(), good()]);
    expect([run.isComplete, taken(), told]).toEqual([true, ['a-model', 'b-model'], []]);
  });

  it("chooses the cheapest of the request's own model and the allowed ones, and the others after it", () => {
    const { taken, choice } = scene({
      settings: THREE,
      prices: { 'a-model': [3, 15], 'b-model': [1, 5], 'c-model': [2, 2] },
    })([refusing(), refusing(), good()]);
    expect(taken()).toEqual(['c-model', 'b-model', 'a-model']);
    expect(choice).toEqual({
      type: 'route-chosen',
      strategy: 'cheapest',
      chosen: { provider: 'fake', model: 'c-model' },
      reason: 'The cheapest: at most $0.004.',
      considered: [
        { provider: 'fake', model: 'c-model', estimatedUsd: 0.004 },
        { provider: 'fake', model: 'b-model', estimatedUsd: 0.006 },
        { provider: 'fake', model: 'a-model', estimatedUsd: 0.018 },
      ],
    });
  });

  it('reports the choice first, once, and forwards unknown events', () => {
    const { run } = scene()([of(CUSTOM, TEXT, anEnd())]);
    expect(run.events.map((event) => (event.type === 'custom' ? event.name : event.type))).toEqual([
      'route-chosen',
      'test/mark',
      'text-delta',
      'generation-end',
    ]);
  });

  it('puts unknown prices last, and keeps the given order if no price is known', () => {
    expect(scene({ settings: THREE, prices: { 'c-model': [9, 9] } })([refusing()]).taken()).toEqual([
      'c-model',
      'a-model',
      'b-model',
    ]);
    const { taken, choice } = scene({ settings: THREE })([refusing()]);
    expect([taken(), choice?.reason]).toEqual([
      ['a-model', 'b-model', 'c-model'],
      'No price is known, so the given order is kept.',
    ]);
  });

  it('uses the price for a prompt of this size', () => {
    const prices = {
      'a-model': { prompt: '0.000001', completion: '0', overrides: [{ minPromptTokens: 999, prompt: '0.000009' }] },
      'b-model': [2, 0] as const,
    };
    const generate = scene({ settings: { models: ['b-model'] }, prices });
    expect(generate([good()]).taken()).toEqual(['b-model']);
    expect(generate([good()], { messages: [{ role: 'user', content: 'x'.repeat(3_996) }] }).taken()).toEqual([
      'a-model',
    ]);
  });

  it("prefers the request's strategy, models and caps to the configured ones", () => {
    const generate = scene({ routes: [], prices: { 'a-model': [2, 2], 'b-model': [1, 1] } });
    expect(generate([good()], { overrides: { routes: 'cheapest', routing: { models: ['b-model'] } } }).taken()).toEqual(
      ['b-model'],
    );
    expect(
      generate([good()], { overrides: { routes: [{ model: 'b-model' }], routing: { maxPromptPrice: 1.5 } } }).taken(),
    ).toEqual(['b-model']);
    expect(scene({ settings: THREE })([refusing()], { overrides: { routes: [] } }).taken()).toEqual(['a-model']);
  });
});

describe('routing to the fastest', () => {
  const speeds = {
    'a-model': { tries: 5, timeToFirstTokenMs: 100, tokensPerSecond: 20 },
    'b-model': { tries: 5, timeToFirstTokenMs: 2_000, tokensPerSecond: 100 },
  };

  it('compares the times of complete answers', () => {
    const generate = scene({ routes: 'fastest', settings: { models: ['b-model'] }, speeds });
    const { taken, choice } = generate([good()]);
    expect([taken(), choice?.reason]).toEqual([
      ['b-model'],
      'The fastest: 2000 ms to the first token, then 100 tokens per second.',
    ]);
    expect(choice?.considered[1]).toEqual({
      provider: 'fake',
      model: 'a-model',
      timeToFirstTokenMs: 100,
      tokensPerSecond: 20,
    });
    expect(generate([good()], { maxTokens: 10 }).taken()).toEqual(['a-model']);
  });

  it('tries an untried model first, and one that has only failed last', () => {
    const { taken, choice } = scene({
      routes: 'fastest',
      settings: { models: ['failed', 'new', 'b-model'] },
      speeds: { ...speeds, failed: { tries: 2 } },
    })([refusing()]);
    expect(taken()).toEqual(['new', 'b-model', 'a-model', 'failed']);
    expect(choice?.reason).toBe('Not used recently, so it is tried and measured.');
  });
});

describe('a price cap', () => {
  const prices = { 'a-model': [3, 15], 'b-model': [1, 5], 'c-model': [0.5, 20] } as const;

  it('leaves out models above it, also listed routes, and reports that', () => {
    const { taken, choice } = scene({
      routes: [{ model: 'b-model' }, { model: 'c-model' }, { model: 'd-model' }],
      settings: { maxPromptPrice: 2, maxCompletionPrice: 10 },
      prices,
    })([refusing()]);
    expect(taken()).toEqual(['b-model']);
    expect(choice?.strategy).toBe('in-order');
    expect(choice?.considered.map(({ model, leftOut }) => [model, leftOut])).toEqual([
      ['b-model', undefined],
      ['a-model', 'its prompt price is above $2 per million tokens'],
      ['c-model', 'its completion price is above $10 per million tokens'],
      ['d-model', 'its price is unknown'],
    ]);
  });

  it('allows a price equal to it', () => {
    expect(scene({ settings: { maxPromptPrice: 3, maxCompletionPrice: 15 }, prices })([good()]).taken()).toEqual([
      'a-model',
    ]);
  });

  it('that leaves no model is an error before anything is sent, which gives the reason for each model', () => {
    const { run, requests } = scene({ settings: { models: ['z-model'], maxPromptPrice: 0.1 }, prices })([good()]);
    expect(run.error).toBeInstanceOf(BudgetError);
    expect(run.error.message).toContain(
      'a-model: its prompt price is above $0.1 per million tokens; z-model: its price is unknown',
    );
    expect([run.events, requests]).toEqual([[], []]);
  });
});

describe('a session', () => {
  const prices = { 'a-model': [3, 15], 'b-model': [1, 5] } as const;
  const ADA = { labels: { book: 'ada' } };

  it('keeps the model that was chosen first, though another one has become cheaper', () => {
    const changing: Record<string, readonly [number, number]> = { ...prices };
    const generate = scene({ settings: { models: ['b-model'] }, prices: changing });
    expect(generate([good('b-model')], ADA).taken()).toEqual(['b-model']);
    changing['a-model'] = [0.1, 0.1];
    const { taken, choice } = generate([good('b-model')], ADA);
    expect([taken(), choice?.reason]).toEqual([
      ['b-model'],
      'Session "ada" keeps its first model, which has the prompt in its cache.',
    ]);
    expect(generate([good()], { labels: { book: 'byron' } }).taken()).toEqual(['a-model']);
    expect(generate([good()]).taken()).toEqual(['a-model']);
  });

  it('is shared by generations that run at the same time', () => {
    const changing: Record<string, readonly [number, number]> = { ...prices };
    const generate = scene({ settings: { models: ['b-model'] }, prices: changing });
    generate([new Subject<GenerationEvent>()], ADA);
    changing['a-model'] = [0.1, 0.1];
    expect(generate([good()], ADA).taken()).toEqual(['b-model']);
  });

  it('moves to the model that has answered in its place', () => {
    const generate = scene({ settings: { models: ['b-model'] }, prices });
    expect(generate([refusing(), good('a-model')], ADA).taken()).toEqual(['b-model', 'a-model']);
    expect(generate([good()], ADA).taken()).toEqual(['a-model']);
  });

  it('chooses again if no model has answered, but not after a cancellation', () => {
    const changing: Record<string, readonly [number, number]> = { ...prices };
    const generate = scene({ settings: { models: ['b-model'] }, prices: changing });
    generate(
      [
        concat(
          of(START('b-model')),
          failing(() => new AbortError()),
        ),
      ],
      ADA,
    );
    changing['a-model'] = [0.1, 0.1];
    expect(generate([refusing()], ADA).taken()).toEqual(['b-model', 'a-model']);
    expect(generate([good()], ADA).taken()).toEqual(['a-model']);
  });

  it('leaves a model that is above the cap', () => {
    const generate = scene({ settings: { models: ['b-model'] }, prices });
    generate([good('b-model')], ADA);
    expect(generate([good()], { ...ADA, overrides: { routing: { models: [] } } }).taken()).toEqual(['a-model']);
  });

  it('is passed to interceptors further in, under the configured label', () => {
    const generate = scene({ settings: { sessionLabel: 'series' }, prices });
    expect(generate([good()], { labels: { series: 's1', book: 'ada' } }).requests[0]?.context.get(SESSION)).toBe('s1');
    expect(generate([good()], ADA).requests[0]?.context.get(SESSION)).toBeUndefined();
  });

  it('chooses once per generation: a continued text keeps its route, which is reported once', () => {
    const changing: Record<string, readonly [number, number]> = { ...prices };
    const generate = scene({ settings: { models: ['b-model'] }, prices: changing });
    const first = generate([good('b-model')]);
    changing['a-model'] = [0.1, 0.1];
    const second = generate([good('b-model')], withState({}, stateOf(first.request)));
    expect([second.taken(), second.told]).toEqual([['b-model'], []]);
  });
});

describe('leaving', () => {
  it('stops the current route', () => {
    const stream = new Subject<GenerationEvent>();
    const { run } = scene({ settings: THREE })([stream]);
    expect(stream.observed).toBe(true);
    run.stop();
    expect(stream.observed).toBe(false);
  });
});
