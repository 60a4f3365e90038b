import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import { localSpending } from '../../../src/chain/admit/local-spending.js';
import { ACCOUNT_BUDGETS } from '../../../src/core/account-budgets.js';
import type { AccountBudget } from '../../../src/core/account-budgets.js';
import { RequestContext } from '../../../src/core/context.js';
import type { BudgetDetails } from '../../../src/core/errors/budget-details.js';
import { BudgetError } from '../../../src/core/errors/classes.js';
import { GenerationError } from '../../../src/core/errors/generation-error.js';
import type { GenerationEvent } from '../../../src/core/events.js';
import type { AttemptRecord } from '../../../src/core/attempt.js';
import type { LateUsage, ReportUsage, StateStore } from '../../../src/core/ports.js';
import type { GenerationRequest } from '../../../src/core/request.js';
import type { BudgetSettings } from '../../../src/core/settings.js';
import { newGenerationState, stateOf, withState } from '../../../src/core/state.js';
import type { Tariff } from '../../../src/core/tariff.js';
import { UNMEASURED, UNSENT } from '../../../src/core/usage.js';
import type { Usage } from '../../../src/core/usage.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { aRequest } from '../../../src/testing/request-builder.js';
import { anEnd, chain, watch } from '../chain.js';
import { anAdmission, NO_BUDGETS } from './admission-parts.js';

const MIDNIGHT = Date.UTC(2026, 0, 2);

interface Scene {
  readonly tariff?: Tariff;
  readonly lateUsage?: LateUsage;
  readonly clock?: ManualClock;
  readonly store?: StateStore;
}

/** 80 words are at most 100 tokens, with those of the template around them. */
const PROMPT = { messages: [{ role: 'user' as const, content: 'x '.repeat(80) }], maxTokens: 100 };
/** A prompt of 100 tokens costs a cent, and as many tokens of an answer two. */
const PRICED: Tariff = {
  prices: [{ prompt: '0.0001', completion: '0.0002' }],
  outputTokens: undefined,
  contextLength: undefined,
  feeShare: 0,
};
const used = (tokens: number, costUsd?: number): Usage => ({
  inputTokens: Math.min(tokens, 100),
  outputTokens: Math.max(tokens - 100, 0),
  source: 'reported',
  ...(costUsd !== undefined && { costUsd }),
});

/** A provider behind budgets; each call of `generate` is an attempt that the test moves on. */
function scene(
  settings: Partial<BudgetSettings>,
  { clock = new ManualClock(MIDNIGHT - 3_600_000), store = memoryStateStore(), tariff = PRICED, lateUsage }: Scene = {},
) {
  const interceptor = anAdmission(clock, {
    budget: { ...NO_BUDGETS, ...settings },
    spending: localSpending({ clock, random: Math.random, store }),
    tariffOf: ({ maxTokens }) => ({ ...tariff, outputTokens: maxTokens ?? tariff.outputTokens }),
    lateUsage,
  });
  const generate = (parts: Partial<GenerationRequest> = {}) => {
    const events = new Subject<GenerationEvent>();
    let isBegun = false;
    let sent: GenerationRequest | undefined;
    const request = aRequest({ ...PROMPT, ...parts });
    const run = watch(
      chain((asked) => {
        [isBegun, sent] = [true, asked];
        return events;
      }, interceptor)(request),
    );
    const record = (parts: Partial<AttemptRecord> & Pick<AttemptRecord, 'usage'>): void => {
      const { attempts } = stateOf(request);
      const common = { provider: 'fake', model: 'a-model', sent: true, startedAt: 0, latencyMs: 1 };
      attempts.push({ ...common, attempt: attempts.length + 1, outcome: 'success', ...parts });
    };
    const finish = (usage: Usage): void => {
      record({ usage });
      events.next(anEnd());
      events.complete();
    };
    const fail = (parts: Partial<AttemptRecord> = {}): void => {
      record({ outcome: 'error', usage: UNMEASURED, ...parts });
      events.error(new GenerationError('connection', 'The connection broke.'));
    };
    return { run, events, finish, fail, sent: () => sent, isBegun: () => isBegun };
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
    expect({ isComplete: run.isComplete, events: run.events.length, written }).toEqual({
      isComplete: true,
      events: 1,
      written: [],
    });
  });
});

describe.each<[string, keyof BudgetSettings, string]>([
  ["a label's value", 'labelTokens', 'budget.label'],
  ['a process', 'processTokens', 'budget.process'],
  ['a day', 'dayTokens', 'budget.day'],
])('the tokens of %s', (_scope, key, name) => {
  const remedy = key === 'labelTokens' ? ' (or overrides.budget)' : '';
  const value = key === 'labelTokens' ? ' of "ada"' : '';
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
        `No room in ${name}Tokens${value} (399 tokens, of which 200 tokens are spent) for an attempt of up to 200 tokens. Nothing was sent. Raise ${name}Tokens${remedy}, or lower maxTokens to 99 or less.`,
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
  it('is reserved in advance: the prompt and the cap at their prices, so that no number at once exceeds it', () => {
    const { generate } = scene({ processUsd: 0.09 });
    const atOnce = Array.from({ length: 5 }, () => generate());
    expect(atOnce.map(({ isBegun }) => isBegun())).toEqual([true, true, true, false, false]);
    expect(atOnce[3]!.run.events).toEqual([WAITING]);
    atOnce[0]!.finish(used(1, 0));
    expect(atOnce.map(({ isBegun }) => isBegun())).toEqual([true, true, true, true, false]);
    for (const generation of atOnce.slice(1, 4)) generation.finish(used(1, 0.03));
    expect(atOnce[4]!.run.error).toBeInstanceOf(BudgetError);
  });

  it('is counted exactly: three times ten cents are thirty', () => {
    const tariff = { ...PRICED, prices: [{ prompt: '0.0005', completion: '0.0005' }] };
    const { generate } = scene({ processUsd: 0.3 }, { tariff });
    for (let generation = 0; generation < 3; generation += 1) generate().finish(used(1, 0.1));
    expect(generate().isBegun()).toBe(false);
    const other = scene({ processUsd: 0.3 }, { tariff });
    for (let generation = 0; generation < 2; generation += 1) other.generate().finish(used(1, 0.1));
    expect(other.generate().isBegun()).toBe(true);
  });

  it('that does not fit is an error with all amounts', () => {
    const { generate } = scene({ labelUsd: 0.05 });
    const ada = { labels: { book: 'ada' }, maxTokens: 150 };
    generate(ada).finish(used(1, 0.02));
    const { run } = generate(ada);
    expect(run.error).toMatchObject({
      name: 'BudgetError',
      scope: 'label',
      labelValue: 'ada',
      unit: 'usd',
      limit: 0.05,
      spent: 0.02,
      reserved: 0,
      needed: 0.04,
      affordableTokens: 100,
    });
    expect(run.error.message).toBe(
      'No room in budget.labelUsd of "ada" ($0.05, of which $0.02 are spent) for an attempt of up to $0.04. Nothing was sent. Raise budget.labelUsd (or overrides.budget), or lower maxTokens to 100 or less.',
    );
    const copy = GenerationError.fromJSON(JSON.parse(JSON.stringify(run.error)));
    expect(copy).toBeInstanceOf(BudgetError);
    expect(copy).toMatchObject({ scope: 'label', labelValue: 'ada', limit: 0.05, spent: 0.02, needed: 0.04 });
  });

  it('buys a shorter answer if budget.lowerCap allows it', () => {
    const { generate } = scene({ processUsd: 0.03, lowerCap: true });
    const lowered = generate({ maxTokens: 5_000 });
    expect([lowered.isBegun(), lowered.sent()?.maxTokens]).toEqual([true, 100]);
    lowered.finish(used(200, 0.03));
    expect(generate().run.error).toMatchObject({ code: 'budget', affordableTokens: 0 });
  });

  it('is the vendor\u2019s bill, else the tokens at their price, else the worst case', () => {
    const spentAfter = (
      end: (generation: ReturnType<ReturnType<typeof scene>['generate']>) => void,
      tariff = PRICED,
    ): number => {
      const { generate } = scene({ processUsd: 0.04 }, { tariff });
      end(generate());
      return generate({ maxTokens: 1_000 }).run.error.toJSON().spent as number;
    };
    const reported: Usage = { inputTokens: 50, outputTokens: 50, source: 'reported' };
    expect({
      billed: spentAfter(({ finish }) => finish(used(9, 0.005))),
      counted: spentAfter(({ finish }) => finish(reported)),
      estimatedWhole: spentAfter(({ finish }) => finish({ inputTokens: 9, outputTokens: 10, source: 'estimated' })),
      wholeWithHiddenThoughts: spentAfter(
        ({ finish }) => finish({ inputTokens: 9, outputTokens: 10, source: 'estimated' }),
        { ...PRICED, mayReason: true },
      ),
      broken: spentAfter(({ fail }) => fail()),
      refused: spentAfter(({ fail }) => fail({ status: 503 })),
      gatewayTimeout: spentAfter(({ fail }) => fail({ status: 504 })),
      neverSent: spentAfter(({ fail }) => fail({ sent: false, usage: UNSENT })),
    }).toEqual({
      billed: 0.005,
      counted: 0.015,
      estimatedWhole: 0.012,
      wholeWithHiddenThoughts: 0.03,
      broken: 0.03,
      refused: 0,
      gatewayTimeout: 0.03,
      neverSent: 0,
    });
  });

  it('of an attempt that broke off stays reserved until the vendor has named its cost', () => {
    const reports: ReportUsage[] = [];
    const lateUsage: LateUsage = { whenKnown: (_attempt, report) => reports.push(report) > 0 };
    const { generate } = scene({ processUsd: 0.04 }, { lateUsage });
    generate().fail();
    const [second, third] = [generate(), generate()];
    expect([second.isBegun(), second.run.events]).toEqual([false, [WAITING]]);
    reports[0]!(used(20, 0.001));
    expect([second.isBegun(), third.isBegun()]).toEqual([true, false]);
    second.fail();
    reports[1]!(undefined);
    expect(third.run.error).toMatchObject({ code: 'budget', spent: 0.031 });
  });

  it('of a label is that of its value, and a request without the label has none', () => {
    const { generate } = scene({ labelUsd: 0.1, label: 'chapter' });
    generate({ labels: { chapter: '1' } }).finish(used(1, 0.08));
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

describe('a model without a known price', () => {
  const UNKNOWN: Scene = { tariff: { ...PRICED, prices: undefined } };
  const FREE: Scene = { tariff: { ...PRICED, prices: [] } };

  it('makes one attempt at a time, says so once, and exceeds a limit by one attempt at most', () => {
    const { generate } = scene({ processUsd: 0.3 }, UNKNOWN);
    const [first, second, third] = [generate(), generate(), generate()];
    expect([first, second, third].map(({ isBegun }) => isBegun())).toEqual([true, false, false]);
    expect([first.run.events, second.run.events]).toEqual([
      [{ type: 'warning', about: 'budget', message: expect.stringContaining('one at a time') }],
      [WAITING],
    ]);
    first.finish(used(1, 0.2));
    expect([second.isBegun(), third.isBegun()]).toEqual([true, false]);
    second.finish(used(1, 0.2));
    expect(third.run.error).toMatchObject({ code: 'budget', unit: 'usd', spent: 0.4, needed: 0 });
  });

  it('counts an attempt without a cost as the dearest one, and is refused after three of them in a row', () => {
    const { generate } = scene({ processUsd: 1 }, UNKNOWN);
    generate().finish(used(1, 0.1));
    for (let attempt = 0; attempt < 2; attempt += 1) generate().finish(used(1));
    generate().finish(used(1, 0.05));
    for (let attempt = 0; attempt < 3; attempt += 1) generate().finish(used(1));
    const { run } = generate();
    expect(run.error).toMatchObject({ code: 'budget', spent: 0.65 });
    expect(run.error.message).toContain('Three of its attempts in a row ended without a cost.');
  });

  it('is refused or allowed if the configuration says so', () => {
    const refused = scene({ processUsd: 0.3, unknownPrice: 'refuse' }, UNKNOWN).generate();
    expect([refused.isBegun(), refused.run.error.code]).toEqual([false, 'budget']);
    const { generate } = scene({ processUsd: 0.3, unknownPrice: 'allow' }, UNKNOWN);
    const allowed = [generate(), generate()];
    expect(allowed.map(({ isBegun }) => isBegun())).toEqual([true, true]);
    expect(allowed.map(({ run }) => run.events.length)).toEqual([1, 0]);
    for (const each of allowed) each.finish(used(1, 0.2));
    expect(generate().isBegun()).toBe(false);
  });

  it('needs none for a budget in tokens, nor without a budget', () => {
    const { generate } = scene({ processTokens: 400 }, UNKNOWN);
    expect([generate(), generate()].map(({ isBegun, run }) => [isBegun(), run.events])).toEqual([
      [true, []],
      [true, []],
    ]);
  });

  it('is treated like one without a token cap, in tokens and in money', () => {
    for (const settings of [{ processTokens: 400 }, { processUsd: 0.4 }]) {
      const { generate } = scene(settings);
      const uncapped = { maxTokens: undefined } as unknown as Partial<GenerationRequest>;
      const [first, second] = [generate(uncapped), generate(uncapped)];
      expect([first.isBegun(), second.isBegun(), generate().isBegun()]).toEqual([true, false, true]);
    }
  });

  it('does not hold free models: they cost nothing, even beyond the limit', () => {
    const { generate } = scene({ processUsd: 0.1 }, FREE);
    generate().finish(used(1, 0.2));
    expect([generate(), generate()].map(({ isBegun }) => isBegun())).toEqual([true, true]);
  });
});

describe('a vendor that counts or charges more than any estimate', () => {
  it('with one odd bill refuses nothing: the next attempts go one at a time, until a bill refutes or confirms it', () => {
    const { generate } = scene({ processUsd: 50 });
    generate().finish(used(200, 30));
    const [test, next] = [generate(), generate()];
    expect([test.isBegun(), next.isBegun(), next.run.events]).toEqual([true, false, [WAITING]]);
    test.finish(used(200, 0.03));
    expect([next.isBegun(), generate().isBegun()]).toEqual([true, true]);
    const true30 = scene({ processUsd: 50 });
    true30.generate().finish(used(200, 30));
    true30.generate().finish(used(200, 16));
    expect(true30.generate().run.error).toMatchObject({ code: 'budget', needed: 30 });
  });

  it('with one odd bill does not end the generations with a small budget of their own', () => {
    const { generate } = scene({ generationUsd: 0.05 });
    generate().finish(used(200, 30));
    generate().finish(used(200, 0.03));
    expect([generate().isBegun(), generate().isBegun()]).toEqual([true, true]);
  });

  it('exceeds a worst case until its first such bill', () => {
    const { generate } = scene({ processTokens: 2_000 });
    generate().finish({ inputTokens: 150, outputTokens: 10, source: 'reported' });
    generate({ maxTokens: 1_600 }).finish({ inputTokens: 150, outputTokens: 10, source: 'reported' });
    expect(generate({ maxTokens: 1_600 }).run.error).toMatchObject({ needed: 1_750 });
    const dearer = scene({ processUsd: 1 });
    dearer.generate().finish({ inputTokens: 100, outputTokens: 100, source: 'reported', costUsd: 0.06 });
    expect(dearer.generate({ maxTokens: 2_500 }).run.error).toMatchObject({ needed: 1.02 });
  });
});

describe('options with unknown fees', () => {
  const SEARCHING: Tariff = { ...PRICED, prices: undefined, unknownFees: ['web_search_options'] };

  it('are named once, and their bills do not raise the worst case of later requests', () => {
    const tariff = { ...SEARCHING };
    const { generate } = scene({ processUsd: 1, processTokens: 100_000 }, { tariff });
    const first = generate();
    expect(first.run.events).toEqual([
      { type: 'warning', about: 'budget', message: expect.stringContaining('for web_search_options are not known') },
    ]);
    first.finish({ inputTokens: 20_000, outputTokens: 10, source: 'reported', costUsd: 0.02 });
    Object.assign(tariff, PRICED, { unknownFees: undefined });
    expect(generate({ maxTokens: 5_000 }).run.error).toMatchObject({ code: 'budget', unit: 'usd', needed: 1.01 });
  });
});

describe('options that replace the messages', () => {
  it('are part of the worst case', () => {
    const { generate } = scene({ processTokens: 10_000 });
    const providerOptions = { fake: { messages: [{ role: 'user', content: 'x '.repeat(9_900) }] } };
    expect(generate({ provider: 'fake', providerOptions }).run.error).toMatchObject({ code: 'budget' });
    expect(generate({ provider: 'fake' }).isBegun()).toBe(true);
  });

  it('may hold files, which no estimate bounds', () => {
    const { generate } = scene({ processUsd: 10 });
    const content = [{ type: 'file', file: { file_data: 'https://example.com/book.pdf' } }];
    const providerOptions = { fake: { messages: [{ role: 'user', content }] } };
    expect(generate({ provider: 'fake', providerOptions }).run.events).toMatchObject([{ about: 'budget' }]);
  });
});

describe('a token cap that is not a whole number', () => {
  it.each([100.5, 0.5])('counts as the next one: %d', (maxTokens) => {
    const { generate } = scene({ processUsd: 0.01 });
    expect(generate({ maxTokens }).run.error).toMatchObject({ code: 'budget' });
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

  it('is not held up by those that wait for the budget of another generation', () => {
    const reports: ReportUsage[] = [];
    const lateUsage: LateUsage = { whenKnown: (_attempt, report) => reports.push(report) > 0 };
    const { generate } = scene({ generationUsd: 0.03 }, { lateUsage });
    const [ada, moby] = [newGenerationState(0), newGenerationState(0)];
    for (const state of [ada, moby]) generate(withState({}, state)).fail();
    const [first, second] = [ada, moby].map((state) => generate(withState({}, state)));
    expect([first!.isBegun(), second!.isBegun()]).toEqual([false, false]);
    reports[1]!(used(0, 0));
    expect([first!.isBegun(), second!.isBegun()]).toEqual([false, true]);
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
    const account = { tokens: 'many', usd: 'a lot', dearest: [], holds: { a: null }, withoutCost: 1 };
    for (const value of ['much', null, { 'day/20454': null }, { 'day/20454': account }]) {
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
        'No room in budget.generationTokens (199 tokens, of which 0 tokens are spent) for an attempt of up to 200 tokens. Nothing was sent. Raise budget.generationTokens (or overrides.budget), or lower maxTokens to 99 or less.',
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

describe('the budgets of the accounts that pay for a request', () => {
  const usdOf = (usd: number, rest: Partial<AccountBudget> = {}): AccountBudget => ({
    account: 'key/ada',
    period: 'total',
    limit: { tokens: 0, usd },
    ...rest,
  });
  const paidBy = (...budgets: AccountBudget[]) => ({
    context: RequestContext.empty.with(ACCOUNT_BUDGETS, budgets),
  });

  it('hold the worst case of each attempt where nothing is configured, so that several run at once', () => {
    const { generate } = scene({});
    const ada = paidBy(usdOf(0.06));
    const [first, second, third] = [generate(ada), generate(ada), generate(ada)];
    const other = generate(paidBy(usdOf(0.06, { account: 'key/bob' })));
    expect({
      begun: [first, second, third, other].map(({ isBegun }) => isBegun()),
      waits: third.run.events,
    }).toEqual({ begun: [true, true, false, true], waits: [WAITING] });
    first.finish(used(200, 0.03));
    expect(third.isBegun()).toBe(false);
    second.finish(used(200, 0.001));
    expect({ isBegun: third.isBegun(), code: third.run.error.code }).toEqual({ isBegun: false, code: 'budget' });
  });

  it('refuse with the account, its period, and the time at which it begins again', () => {
    const { generate } = scene({});
    const refusals = (['day', 'month', 'total'] as const).map(
      (period) => generate(paidBy(usdOf(0.02, { period }))).run.error as GenerationError & Partial<BudgetDetails>,
    );
    expect(
      refusals.map(({ scope, account, period, limit, retryAt, message }) => ({
        ...{ scope, account, period, limit, retryAt, message },
      })),
    ).toEqual([
      {
        ...{ scope: 'account', account: 'key/ada', period: 'day', limit: 0.02, retryAt: MIDNIGHT },
        message:
          'No room in the day\'s budget of "key/ada" ($0.02, of which $0 are spent) for an attempt of up to $0.03. Nothing was sent. Raise that budget, or lower maxTokens to 50 or less.',
      },
      {
        ...{ scope: 'account', account: 'key/ada', period: 'month', limit: 0.02, retryAt: Date.UTC(2026, 1, 1) },
        message:
          'No room in the month\'s budget of "key/ada" ($0.02, of which $0 are spent) for an attempt of up to $0.03. Nothing was sent. Raise that budget, or lower maxTokens to 50 or less.',
      },
      {
        ...{ scope: 'account', account: 'key/ada', period: 'total', limit: 0.02, retryAt: undefined },
        message:
          'No room in the total budget of "key/ada" ($0.02, of which $0 are spent) for an attempt of up to $0.03. Nothing was sent. Raise that budget, or lower maxTokens to 50 or less.',
      },
    ]);
  });

  it('are the same money under another limit', () => {
    const { generate } = scene({});
    generate(paidBy(usdOf(0.1))).finish(used(200, 0.03));
    expect([0.05, 0.06].map((usd) => generate(paidBy(usdOf(usd))).isBegun())).toEqual([false, true]);
  });

  it('let attempts without a known price go one at a time', () => {
    const { generate } = scene({}, { tariff: { ...PRICED, prices: undefined } });
    const [first, second] = [generate(paidBy(usdOf(0.01))), generate(paidBy(usdOf(0.01)))];
    const before = second.isBegun();
    first.finish(used(200, 0.02));
    expect({ before, after: second.isBegun(), code: second.run.error.code }).toEqual({
      before: false,
      after: false,
      code: 'budget',
    });
  });
});
