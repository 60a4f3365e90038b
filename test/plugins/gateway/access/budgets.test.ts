import { describe, expect, it } from '@jest/globals';
import { BudgetError, memoryStateStore } from 'scriptorium';
import { ManualClock } from 'scriptorium/testing';
import type { Policy } from '../../../../plugins/gateway/access/policy.js';
import { paidScene } from './paid-scene.js';
import type { Asked, PaidScene } from './paid-scene.js';

const DAY_MS = 86_400_000;

/** The codes of the failures, and the states of the others. */
const outcomes = (all: readonly Asked[]): readonly string[] =>
  all.map(({ outcome }) => (typeof outcome === 'string' ? outcome : outcome.code));

function running({ attempts }: PaidScene): number {
  return attempts.filter(({ isOpen }) => isOpen).length;
}

describe("a key's budget", () => {
  it('is held by the worst case of each running text, so that several run at once without generationUsd', async () => {
    const scene = await paidScene({ policy: { budget: { dayUsd: 0.035 } } });
    const asked = [1, 2, 3, 4, 5].map(() => scene.ask());
    await scene.pass(0);
    const before = running(scene);
    scene.attempts[0]!.end(0.002);
    scene.attempts[1]!.end(0.002);
    await scene.pass(0);
    expect({
      before,
      after: running(scene),
      waits: asked[3]!.events.filter(({ type }) => type === 'waiting'),
    }).toEqual({ before: 3, after: 3, waits: [{ type: 'waiting', for: 'budget' }] });
    await scene.close();
  });

  it('lets one text at a time of a model whose price is not known exceed it, and then none', async () => {
    const scene = await paidScene({ policy: { budget: { dayUsd: 0.01 } } });
    const asked = [1, 2, 3, 4, 5].map(() => scene.ask({ model: 'unpriced' }));
    await scene.pass(0);
    const atOnce = running(scene);
    scene.attempts[0]!.end(0.011);
    await scene.pass(0);
    expect({ atOnce, attempts: scene.attempts.length, outcomes: outcomes(asked) }).toEqual({
      atOnce: 1,
      attempts: 1,
      outcomes: ['whole', 'budget', 'budget', 'budget', 'budget'],
    });
    await scene.close();
  });

  it('counts what a vendor charges above its catalogue in every later hold', async () => {
    const scene = await paidScene({ policy: { budget: { dayUsd: 0.1 } } });
    scene.ask();
    scene.attempts[0]!.end(0.03);
    const asked = [1, 2, 3].map(() => scene.ask());
    await scene.pass(0);
    const atOnce = running(scene);
    for (const attempt of scene.attempts.slice(1)) attempt.end(0.03);
    await scene.pass(0);
    expect({ atOnce, outcomes: outcomes(asked) }).toEqual({ atOnce: 2, outcomes: ['whole', 'whole', 'budget'] });
    await scene.close();
  });

  it('refuses with what was spent, the status 402, and when it begins again', async () => {
    const scene = await paidScene({ policy: { budget: { dayUsd: 0.01 } } });
    scene.ask();
    scene.attempts[0]!.end(0.01);
    const { outcome } = scene.ask();
    expect(outcome).toBeInstanceOf(BudgetError);
    expect(outcome).toMatchObject({
      scope: 'account',
      account: 'key/local',
      period: 'day',
      limit: 0.01,
      spent: 0.01,
      retryAt: scene.clock.now() + DAY_MS,
      message:
        'No room in the day\'s budget of "key/local" ($0.01, of which $0.01 are spent) for an attempt of up to $0.01. Nothing was sent. Raise that budget, or lower maxTokens.',
    });
    await scene.close();
  });

  it.each<[string, NonNullable<Policy['budget']>, readonly string[]]>([
    ['day', { dayUsd: 0.01 }, ['whole', 'whole', 'whole']],
    ['month', { monthUsd: 0.01 }, ['whole', 'budget', 'whole']],
    ['total', { totalUsd: 0.01 }, ['whole', 'budget', 'budget']],
  ])('of a %s begins again at its end alone', async (_period, budget, expected) => {
    const scene = await paidScene({ policy: { budget }, clock: new ManualClock(Date.UTC(2026, 0, 30, 12)) });
    const asked: Asked[] = [];
    for (let day = 0; day < 3; day += 1) {
      asked.push(scene.ask());
      scene.attempts.at(-1)!.end(0.01);
      await scene.pass(0);
      scene.clock.advance(DAY_MS);
    }
    expect(outcomes(asked)).toEqual(expected);
    await scene.close();
  });

  it('is one for all processes that share the state store, and outlives them', async () => {
    const [clock, store] = [new ManualClock(), memoryStateStore()];
    const policy = { budget: { totalUsd: 0.025 } };
    const [one, other] = [await paidScene({ clock, store, policy }), await paidScene({ clock, store, policy })];
    const first = [one.ask(), one.ask()];
    const waiting = other.ask();
    await one.pass(0);
    one.attempts[0]!.end(0.01);
    one.attempts[1]!.end(0.005);
    await one.close();
    await other.pass(1_100);
    other.attempts[0]!.end(0.01);
    await other.close();
    const restarted = await paidScene({ clock, store, policy });
    expect(outcomes([...first, waiting, restarted.ask()])).toEqual(['whole', 'whole', 'whole', 'budget']);
    await restarted.close();
  });

  it('waits no longer than the policy says', async () => {
    const scene = await paidScene({ policy: { budget: { dayUsd: 0.01 }, maxWaitMs: 5_000 } });
    const [, late] = [scene.ask(), scene.ask()];
    await scene.pass(4_000);
    const before = late.outcome;
    await scene.pass(1_000);
    expect({ before, after: late.outcome }).toMatchObject({
      before: 'running',
      after: { code: 'timeout', timer: 'queue' },
    });
    await scene.close();
  });

  it('caps the attempts of one text together where the policy says how much one may cost', async () => {
    const scene = await paidScene({ policy: { budget: { generationUsd: 0.015 } } });
    const asked = scene.ask();
    scene.attempts[0]!.breakOff();
    await scene.pass(60_000);
    expect({ attempts: scene.attempts.length, outcome: asked.outcome }).toMatchObject({
      attempts: 1,
      outcome: { code: 'budget', scope: 'generation', partial: { text: 'Half a ' } },
    });
    await scene.close();
  });
});
