import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concat, from, NEVER, of, take } from 'rxjs';
import type { Observable } from 'rxjs';
import { cache, memoryCacheStore } from '../../../src/chain/cache/cache.js';
import { GenerationError } from '../../../src/core/errors/generation-error.js';
import { isContent } from '../../../src/core/events.js';
import type { GenerationEnd, GenerationEvent } from '../../../src/core/events.js';
import type { GenerationRequest } from '../../../src/core/request.js';
import type { CacheSettings } from '../../../src/core/settings.js';
import { newGenerationState, withState } from '../../../src/core/state.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { RUNS } from '../../support/runs.js';
import { anEnd, chain, CUSTOM, failing, REASONING, TEXT, TOOL_CALL, watch } from '../chain.js';

const START: GenerationEvent = { type: 'attempt-start', attempt: 1, provider: 'fake', model: 'a-model' };
const EXACT: Partial<GenerationRequest> = { temperature: 0 };

function scene(settings: Partial<CacheSettings> = {}) {
  const interceptor = cache(
    { enabled: true, maxEntries: 3, sampled: false, ...settings },
    memoryCacheStore(settings.maxEntries ?? 3),
  );
  let asked = 0;
  const generate = (
    parts: Partial<GenerationRequest> = EXACT,
    events: Observable<GenerationEvent> = of(START, TEXT, anEnd()),
  ) =>
    watch(
      chain(() => {
        asked += 1;
        return events;
      }, interceptor)(aRequest(parts)),
    );
  return { generate, asked: () => asked };
}

const endOf = (events: readonly GenerationEvent[]): GenerationEnd | undefined =>
  events.find((event) => event.type === 'generation-end');

describe('cache', () => {
  it('answers a repeated request with the same content, from the cache, without a request', () => {
    const { generate, asked } = scene();
    const events = of(
      START,
      REASONING,
      TEXT,
      CUSTOM,
      { type: 'text-delta', delta: 'Some years ago.' } as const,
      anEnd({ responseId: 'r-1', model: 'a-model-0613' }),
    );
    const [miss, hit] = [generate(EXACT, events), generate(EXACT, NEVER)];
    expect(asked()).toBe(1);
    expect(hit.events.filter(isContent)).toEqual(miss.events.filter(isContent));
    expect([endOf(miss.events)?.servedFrom, endOf(hit.events)?.servedFrom]).toEqual(['provider', 'cache']);
    expect({ ...endOf(hit.events), servedFrom: 'provider' }).toEqual(endOf(miss.events));
    expect([hit.isComplete, hit.types]).toEqual([
      true,
      ['reasoning-delta', 'text-delta', 'text-delta', 'generation-end'],
    ]);
  });

  it('does not keep an answer that has voided a given text, which a replay could not void', () => {
    const { generate, asked } = scene();
    const events = of<GenerationEvent[]>(START, { type: 'restart', reason: 'interrupted' }, START, TEXT, anEnd());
    const given = { ...EXACT, continueFrom: 'Call me' };
    generate(given, events);
    generate(given, events);
    expect(asked()).toBe(2);
    generate(EXACT, events);
    generate(EXACT, events);
    expect(asked()).toBe(3);
  });

  it('replays the content events of the miss, whatever preceded the answer (P14)', () => {
    const content = fc.constantFrom<GenerationEvent>(TEXT, REASONING, TOOL_CALL, CUSTOM);
    const voided = fc.constantFrom<readonly GenerationEvent[]>([START], [START, REASONING], [START, CUSTOM, REASONING]);
    fc.assert(
      fc.property(fc.array(voided, { maxLength: 3 }), fc.array(content, { maxLength: 10 }), (failed, last) => {
        const { generate } = scene();
        const miss = generate(EXACT, from([...failed.flat(), START, ...last, anEnd()]));
        const hit = generate(EXACT, NEVER);
        expect(miss.isComplete).toBe(true);
        expect(hit.events.filter(isContent)).toEqual(last.filter(isContent));
      }),
      RUNS,
    );
  });

  it('keeps the whole text of several segments, and nothing that a restart has voided', () => {
    const joined = scene();
    const splice: GenerationEvent = {
      type: 'continuation',
      segment: 2,
      reason: 'interrupted',
      provider: 'fake',
      model: 'a-model',
    };
    joined.generate(
      EXACT,
      of<GenerationEvent[]>(START, TEXT, START, splice, { type: 'text-delta', delta: 'More.' }, anEnd()),
    );
    expect(joined.generate(EXACT, NEVER).events.filter(isContent)).toEqual([
      TEXT,
      { type: 'text-delta', delta: 'More.' },
    ]);
    const restarted = scene();
    restarted.generate(
      EXACT,
      of<GenerationEvent[]>(
        START,
        TEXT,
        { type: 'restart', reason: 'connection' },
        START,
        { type: 'text-delta', delta: 'Anew.' },
        anEnd(),
      ),
    );
    expect(restarted.generate(EXACT, NEVER).events.filter(isContent)).toEqual([{ type: 'text-delta', delta: 'Anew.' }]);
  });

  it.each<[string, Observable<GenerationEvent>]>([
    ['was cut at its length', of(TEXT, anEnd({ finishReason: { unified: 'length', raw: 'length' } }))],
    ['was filtered', of(TEXT, anEnd({ finishReason: { unified: 'content-filter', raw: null } }))],
    ['asks for a tool', of(TOOL_CALL, anEnd({ finishReason: { unified: 'tool-calls', raw: 'tool_calls' } }))],
    ['ended in an unknown way', of(TEXT, anEnd({ finishReason: { unified: 'other', raw: 'odd' } }))],
    [
      'failed',
      concat(
        of(TEXT),
        failing(() => new GenerationError('interrupted', 'broke')),
      ),
    ],
    ['comes from another cache', of(TEXT, anEnd({ servedFrom: 'cache' }))],
  ])('does not keep an answer that %s', (_what, events) => {
    const { generate, asked } = scene();
    generate(EXACT, events);
    generate();
    expect(asked()).toBe(2);
  });

  it('does not keep an answer that was unsubscribed', () => {
    const { generate, asked } = scene();
    generate(EXACT, concat(of(TEXT), NEVER)).stop();
    generate();
    expect(asked()).toBe(2);
  });

  it.each<[string, Partial<CacheSettings>, Partial<GenerationRequest>, boolean]>([
    ['temperature 0', {}, { temperature: 0 }, true],
    ['temperature 0.1', {}, { temperature: 0.1 }, false],
    ["the model's own temperature", {}, {}, false],
    ['temperature 1, asked for', { sampled: true }, { temperature: 1 }, true],
    ["the model's own, asked for", { sampled: true }, {}, true],
    ['temperature 0, but switched off', { enabled: false }, { temperature: 0 }, false],
    ['all of it, but switched off', { enabled: false, sampled: true }, {}, false],
  ])('keeps answers at %s: %j, %j → %p', (...[, settings, parts, isKept]) => {
    const { generate, asked } = scene(settings);
    generate(parts);
    generate(parts);
    expect(asked()).toBe(isKept ? 1 : 2);
  });

  it.each<[string, Partial<GenerationRequest>]>([
    ['provider', { provider: 'other' }],
    ['model', { model: 'b-model' }],
    ['words', { messages: [{ role: 'user', content: 'Begin!' }] }],
    ['speaker', { messages: [{ role: 'system', content: 'Begin.' }] }],
    [
      'number of messages',
      {
        messages: [
          { role: 'user', content: 'Begin.' },
          { role: 'user', content: '' },
        ],
      },
    ],
    ['cap', { maxTokens: 5 }],
    ['topP', { topP: 0.5 }],
    ['topK', { topK: 5 }],
    ['minP', { minP: 0.1 }],
    ['topA', { topA: 0.1 }],
    ['frequency penalty', { frequencyPenalty: 1 }],
    ['presence penalty', { presencePenalty: 1 }],
    ['repetition penalty', { repetitionPenalty: 1 }],
    ['seed', { seed: 0 }],
    ['stop words', { stop: ['.'] }],
    ['reasoning', { reasoning: { effort: 'low' } }],
    ["provider's own options", { providerOptions: { fake: { tools: [1] } } }],
    ['headers', { headers: { 'x-user': 'b' } }],
  ])('sends a request for another %s', (_what, parts) => {
    const { generate, asked } = scene();
    generate();
    generate({ ...EXACT, ...parts });
    generate({ ...EXACT, ...parts });
    expect(asked()).toBe(2);
  });

  it.each<[string, Partial<GenerationRequest>]>([
    ['id', { id: 'generation-2' }],
    ['labels', { labels: { book: 'ada' } }],
    ['deadline', { deadlineMs: 5 }],
    ['state of the generation', withState({}, { ...newGenerationState(7), requests: 3 })],
    ['wire', { wire: 'json' }],
    ['options of another provider', { providerOptions: { other: { a: 1 } } }],
    ['order of keys', { reasoning: { maxTokens: 5, effort: 'low' } }],
  ])('answers from the cache for another %s', (what, parts) => {
    const { generate, asked } = scene();
    generate({ ...EXACT, ...(what === 'order of keys' && { reasoning: { effort: 'low', maxTokens: 5 } }) });
    generate({ ...EXACT, ...parts });
    expect(asked()).toBe(1);
  });

  it('keeps the most recently used answers', () => {
    const { generate, asked } = scene({ maxEntries: 2 });
    const ask = (model: string): void => void generate({ ...EXACT, model });
    ['a', 'b', 'a', 'c', 'a'].forEach(ask);
    expect(asked()).toBe(3);
    ask('b');
    expect(asked()).toBe(4);
  });

  it('stops its replay on unsubscription', () => {
    const seen: string[] = [];
    const interceptor = cache(
      { enabled: true, maxEntries: 1, sampled: true },
      { get: () => [TEXT, TEXT, anEnd()], set: () => undefined },
    );
    chain(
      () => NEVER,
      interceptor,
    )(aRequest())
      .pipe(take(1))
      .subscribe(({ type }) => seen.push(type));
    expect(seen).toEqual(['text-delta']);
  });
});

describe("a request's own cache settings", () => {
  const asked = (parts: Partial<GenerationRequest>, settings: Partial<CacheSettings> = {}): number => {
    const { generate, asked: count } = scene(settings);
    generate(parts);
    generate(parts);
    return count();
  };

  it('switch the cache on and off for one generation', () => {
    expect({
      on: asked({ ...EXACT, overrides: { cache: { enabled: true } } }, { enabled: false }),
      off: asked({ ...EXACT, overrides: { cache: { enabled: false } } }),
    }).toEqual({ on: 1, off: 2 });
  });

  it('decide about sampled answers', () => {
    const sampled = (is: boolean) => ({ temperature: 0.7, overrides: { cache: { sampled: is } } });
    expect({ yes: asked(sampled(true)), no: asked(sampled(false), { sampled: true }) }).toEqual({ yes: 1, no: 2 });
  });

  it('are not part of the question: an answer kept by one serves another', () => {
    const { generate, asked: count } = scene({});
    generate(EXACT);
    generate({ ...EXACT, overrides: { cache: { enabled: true, sampled: true } } });
    expect(count()).toBe(1);
  });
});
