import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import { localSpending } from '../../../src/chain/admit/local-spending.js';
import { BudgetError } from '../../../src/core/errors/classes.js';
import { GenerationError } from '../../../src/core/errors/generation-error.js';
import type { GenerationEvent } from '../../../src/core/events.js';
import type { StateStore } from '../../../src/core/ports.js';
import type { GenerationRequest } from '../../../src/core/request.js';
import type { BudgetSettings } from '../../../src/core/settings.js';
import { newGenerationState, stateOf, withState } from '../../../src/core/state.js';
import type { Usage } from '../../../src/core/usage.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { anEnd, chain, watch } from '../chain.js';
import { anAdmission, NO_BUDGETS } from './admission-parts.js';

const MIDNIGHT = Date.UTC(2026, 0, 2);

interface Scene {
  readonly clock?: ManualClock;
  readonly store?: StateStore;
}

/** 400 characters are 100 tokens. */
const PROMPT = { messages: [{ role: 'user' as const, content: 'x'.repeat(400) }], maxTokens: 100 };
const used = (tokens: number, costUsd?: number): Usage => ({
  inputTokens: tokens,
  outputTokens: 0,
  source: 'reported',
  ...(costUsd !== undefined && { costUsd }),
});

/** A provider behind budgets; each call of `generate` is an attempt that the test moves on. */
function scene(
  settings: Partial<BudgetSettings>,
  { clock = new ManualClock(MIDNIGHT - 3_600_000), store = memoryStateStore() }: Scene = {},
) {
  const interceptor = anAdmission(clock, {
    budget: { ...NO_BUDGETS, ...settings },
    spending: localSpending(clock, store),
  });
  const generate = (parts: Partial<GenerationRequest> = {}) => {
    const events = new Subject<GenerationEvent>();
    let isBegun = false;
    const request = aRequest({ ...PROMPT, ...parts });
    const run = watch(
      chain(() => {
        isBegun = true;
        return events;
      }, interceptor)(request),
    );
    const finish = (usage: Usage): void => {
      const { attempts } = stateOf(request);
      attempts.push({
        attempt: attempts.length + 1,
        provider: 'fake',
        model: 'a-model',
        outcome: 'success',
        sent: true,
        startedAt: 0,
        latencyMs: 1,
        usage,
      });
      events.next(anEnd());
      events.complete();
    };
    return { run, events, finish, isBegun: () => isBegun };
  };
  return { clock, store, generate };
}

const WAITING = { type: 'waiting', for: 'budget' } as const;

describe('without a budget', () => {
  it('a generation passes unchanged, and nothing is stored', () => {
    const written: string[] = [];
    const { generate } = scene({}, { store: { update: (key) => void written.push(key) } });
    const { run, finish } = generate({ labels: { book: 'ada' } });
    finish(used(1e9, 1e9));
    expect([run.isComplete, written]).toEqual([true, []]);
  });
});

describe.each<[string, keyof BudgetSettings, string]>([
  ["a label's value", 'labelTokens', 'budget.label'],
  ['a process', 'processTokens', 'budget.process'],
  ['a day', 'dayTokens', 'budget.day'],
])('the tokens of %s', (_scope, key, name) => {
  const remedy = key === 'labelTokens' ? ' (or overrides.budget)' : '';
  const labels = { labels: { book: 'ada' } };

  it('are reserved in advance as the prompt and the cap: a request that may fit later waits', () => {
    const { clock, generate } = scene({ [key]: 399 });
    const first = generate(labels);
    const second = generate(labels);
    expect([second.isBegun(), second.run.events, clock.pending]).toEqual([false, [WAITING], 0]);
    first.finish(used(199));
    expect([second.isBegun(), second.run.events]).toEqual([true, [WAITING]]);
    const exact = scene({ [key]: 400 });
    exact.generate(labels);
    expect(exact.generate(labels).isBegun()).toBe(true);
  });

  it('fail a request that can never fit, before anything is sent', () => {
    const { generate } = scene({ [key]: 399 });
    const first = generate(labels);
    const second = generate(labels);
    first.finish(used(200));
    for (const { run, isBegun } of [second, generate(labels)]) {
      expect(run.error).toBeInstanceOf(BudgetError);
      expect([isBegun(), run.error.code, run.error.retryable]).toEqual([false, 'budget', false]);
      expect(run.error.message).toBe(
        `No room in ${name} for an attempt of up to 200 tokens. Raise ${name}Tokens or ${name}Usd${remedy}, or lower maxTokens.`,
      );
    }
  });

  it('are settled by the real usage of each attempt', () => {
    const { generate } = scene({ [key]: 400 });
    const state = newGenerationState(0);
    generate(withState(labels, state)).finish(used(30));
    generate(withState(labels, state)).finish(used(20));
    generate(labels).finish(used(150));
    expect(generate(labels).isBegun()).toBe(true);
    expect(generate(labels).isBegun()).toBe(false);
  });

  it.each<[string, (run: ReturnType<ReturnType<typeof scene>['generate']>) => void]>([
    ['fails', ({ events }) => events.error(new GenerationError('server-error', 'no'))],
    ['is left', ({ run }) => run.stop()],
  ])('are settled once when an attempt %s', (_how, end) => {
    const { generate } = scene({ [key]: 200 });
    const first = generate(labels);
    end(first);
    first.run.stop();
    expect(generate(labels).isBegun()).toBe(true);
    expect(generate(labels).isBegun()).toBe(false);
  });
});

describe('money', () => {
  it('is spent until the limit is reached; the last attempt that began within it may exceed it', () => {
    const { generate } = scene({ processUsd: 0.3 });
    generate().finish(used(1, 0.1));
    generate().finish(used(1, 0.1));
    generate().finish(used(1, 0.1));
    const fourth = generate();
    expect([fourth.isBegun(), fourth.run.error.code]).toEqual([false, 'budget']);
  });

  it('is counted exactly: three times ten cents are thirty', () => {
    const { generate } = scene({ processUsd: 0.31 });
    for (let generation = 0; generation < 3; generation += 1) generate().finish(used(1, 0.1));
    expect(generate().isBegun()).toBe(false);
    const other = scene({ processUsd: 0.300000001 });
    for (let generation = 0; generation < 2; generation += 1) other.generate().finish(used(1, 0.1));
    expect(other.generate().isBegun()).toBe(true);
  });

  it('is reserved at the cost of the dearest attempt so far, so that concurrent ones do not pass together', () => {
    const { generate } = scene({ processUsd: 1.05 });
    generate().finish(used(1, 0.3));
    const atOnce = [generate(), generate(), generate()];
    expect(atOnce.map(({ isBegun }) => isBegun())).toEqual([true, true, false]);
    expect(atOnce[2]!.run.events).toEqual([WAITING]);
    atOnce[0]!.finish(used(1, 0.1));
    expect(atOnce[2]!.isBegun()).toBe(true);
  });

  it('of a label is that of its value, and a request without the label has none', () => {
    const { generate } = scene({ labelUsd: 0.1, label: 'chapter' });
    generate({ labels: { chapter: '1' } }).finish(used(1, 0.2));
    expect(
      [
        generate({ labels: { chapter: '1' } }),
        generate({ labels: { chapter: '2' } }),
        generate({ labels: { book: '1' } }),
      ].map(({ isBegun }) => isBegun()),
    ).toEqual([false, true, true]);
  });

  it('and tokens of several scopes are reserved together or not at all', () => {
    const { generate } = scene({ processTokens: 400, labelTokens: 200 });
    const ada = { labels: { book: 'ada' } };
    const first = generate(ada);
    const second = generate(ada);
    expect(second.run.events).toEqual([WAITING]);
    const moby = generate({ labels: { book: 'moby' } });
    expect(moby.isBegun()).toBe(true);
    moby.run.stop();
    first.finish(used(200));
    expect(second.run.error.message).toContain('budget.label');
    const other = scene({ labelTokens: 200, processTokens: 200 });
    const [one, two, three] = [other.generate(ada), other.generate({ labels: { book: 'moby' } }), other.generate(ada)];
    one.run.stop();
    expect([two.isBegun(), three.isBegun()]).toEqual([true, false]);
    two.run.stop();
    expect(three.isBegun()).toBe(true);
    three.finish(used(200));
    expect(other.generate({ labels: { book: 'moby' } }).run.error.message).toContain('budget.process');
  });
});

describe('an attempt that waits for a budget', () => {
  it('does not delay others that fit, and goes on before later ones when something is settled', () => {
    const { generate } = scene({ labelTokens: 200 });
    const [ada, moby] = [{ labels: { book: 'ada' } }, { labels: { book: 'moby' } }];
    const first = generate(ada);
    const waiting = [generate(ada), generate(ada)];
    const other = generate(moby);
    expect([...waiting, other].map(({ isBegun }) => isBegun())).toEqual([false, false, true]);
    first.run.stop();
    expect([...waiting, generate(ada)].map(({ isBegun }) => isBegun())).toEqual([true, false, false]);
  });

  it('leaves at once, and takes nothing with it', () => {
    const { clock, generate } = scene({ processTokens: 200 });
    const first = generate();
    const [leaving, staying] = [generate(), generate()];
    leaving.run.stop();
    first.run.stop();
    expect([leaving.isBegun(), staying.isBegun(), clock.pending]).toEqual([false, true, 0]);
  });
});

describe('the budget of a day', () => {
  it('is kept in the state store: the next process continues it, until midnight UTC', () => {
    const [clock, store] = [new ManualClock(MIDNIGHT - 3_600_000), memoryStateStore()];
    scene({ dayUsd: 0.5, dayTokens: 1_000 }, { clock, store }).generate().finish(used(700, 0.1));
    const next = scene({ dayTokens: 1_000 }, { clock, store });
    next.generate().finish(used(120, 0.3));
    expect(scene({ dayTokens: 1_000 }, { clock, store }).generate().run.error.code).toBe('budget');
    scene({ dayUsd: 0.5 }, { clock, store }).generate().finish(used(1, 0.1));
    expect(scene({ dayUsd: 0.5 }, { clock, store }).generate().run.error.code).toBe('budget');
    clock.advance(3_600_000);
    expect(scene({ dayUsd: 0.5, dayTokens: 1_000 }, { clock, store }).generate().isBegun()).toBe(true);
  });

  it('settles for the day on which it began', () => {
    const { clock, generate } = scene({ dayTokens: 300 });
    const late = generate();
    clock.advance(3_600_000);
    late.finish(used(200));
    expect(generate().isBegun()).toBe(true);
  });

  it('ignores a damaged record', () => {
    for (const value of ['much', null, { tokens: 'many', usd: 1 }, { tokens: 1e9 }]) {
      expect(
        scene({ dayTokens: 200 }, { store: { update: (_key, change) => change(value) } })
          .generate()
          .isBegun(),
      ).toBe(true);
    }
  });

  it('fails before anything is sent if it cannot be stored', () => {
    const store: StateStore = {
      update: () => {
        throw new GenerationError('configuration', 'no disk');
      },
    };
    const { run, isBegun } = scene({ dayTokens: 1_000 }, { store }).generate();
    expect([run.error.message, isBegun()]).toEqual(['no disk', false]);
  });
});

describe('the budget of one generation', () => {
  it('rejects a request above it before anything is sent', () => {
    const { generate } = scene({ generationTokens: 199 });
    const { run, isBegun } = generate();
    expect({ message: run.error.message, isBegun: isBegun() }).toEqual({
      message:
        'No room in budget.generation for an attempt of up to 200 tokens. Raise budget.generationTokens or budget.generationUsd (or overrides.budget), or lower maxTokens.',
      isBegun: false,
    });
    expect([scene({ generationTokens: 200 }).generate().isBegun(), generate({ maxTokens: 99 }).isBegun()]).toEqual([
      true,
      true,
    ]);
  });

  it('is checked again before each further attempt: tokens', () => {
    const { generate } = scene({ generationTokens: 499 });
    const state = newGenerationState(0);
    generate(withState({}, state)).finish(used(150));
    generate(withState({}, state)).finish(used(150));
    const third = generate(withState({}, state));
    expect([third.run.error.code, third.isBegun(), generate().isBegun()]).toEqual(['budget', false, true]);
  });

  it('is checked again before each further attempt: money', () => {
    const { generate } = scene({ generationUsd: 0.2 });
    const state = newGenerationState(0);
    generate(withState({}, state)).finish(used(1, 0.1));
    generate(withState({}, state)).finish(used(1, 0.1));
    const third = generate(withState({}, state));
    expect([third.run.error.code, third.isBegun()]).toEqual(['budget', false]);
  });

  it('never cuts a running attempt', () => {
    const { generate } = scene({ generationUsd: 0.1, generationTokens: 200 });
    const one = generate();
    one.finish(used(10_000, 5));
    expect(one.run.isComplete).toBe(true);
  });
});

describe("a request's own budget", () => {
  it('holds where nothing is configured', () => {
    const { generate } = scene({});
    const [refused, within] = [199, 200].map((generationTokens) =>
      generate({ overrides: { budget: { generationTokens } } }),
    );
    expect(refused!.run.error).toBeInstanceOf(BudgetError);
    expect([refused!.isBegun(), within!.isBegun()]).toEqual([false, true]);
  });

  it('narrows a configured budget and does not widen it', () => {
    const { generate } = scene({ generationTokens: 200 });
    const begun = [150, 1_000, 0].map((generationTokens) =>
      generate({ overrides: { budget: { generationTokens } } }).isBegun(),
    );
    expect(begun).toEqual([false, true, true]);
    expect(generate({ maxTokens: 101, overrides: { budget: { generationTokens: 1_000 } } }).isBegun()).toBe(false);
  });

  it('of a label counts the generations that have one', () => {
    const { generate } = scene({});
    const request = { labels: { book: 'ada' }, overrides: { budget: { labelTokens: 399 } } };
    expect([generate(request).isBegun(), generate(request).isBegun()]).toEqual([true, false]);
  });
});
