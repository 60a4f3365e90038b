import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BudgetError } from 'scriptorium';
import { runs } from '../../../support/runs.js';
import { paidScene, TOKEN_USD } from './paid-scene.js';
import type { Asked, Attempt, PaidScene } from './paid-scene.js';

/** Money is exact; the sums of a test are not. */
const ROUNDING = 1e-9;
/** Minutes in which every text has ended, however it waits. */
const PATIENCE_S = 3_600;

interface Drawn {
  readonly limitUsd: number;
  /** Dollars that the vendor of the model `dear` charges for each dollar of its catalogue. */
  readonly factor: number;
  readonly requests: readonly { readonly model: string; readonly maxTokens: number }[];
  readonly plans: readonly Plan[];
}

/** How an attempt goes on at the vendor. */
interface Plan {
  readonly how: 'end' | 'refuse' | 'breakOff';
  readonly seconds: number;
  /** The part of its worst case that an honest vendor charges, or a multiple of a cent for an unknown price. */
  readonly share: number;
}

const aPlan: fc.Arbitrary<Plan> = fc.record({
  how: fc.constantFrom('end', 'end', 'end', 'refuse', 'breakOff'),
  seconds: fc.integer({ min: 0, max: 20 }),
  share: fc.constantFrom(0.01, 0.3, 0.999, 1),
});

function drawn(...models: readonly string[]): fc.Arbitrary<Drawn> {
  const request = fc.record({
    model: fc.constantFrom(...models),
    maxTokens: fc.constantFrom(100, 700, 1_000, 2_500),
  });
  return fc.record({
    limitUsd: fc.constantFrom(0.005, 0.01, 0.037, 0.1),
    factor: fc.constantFrom(1.3, 2, 6),
    requests: fc.array(request, { minLength: 1, maxLength: 20 }),
    plans: fc.array(aPlan, { minLength: 20, maxLength: 20 }),
  });
}

describe('up to twenty texts of a key at once', () => {
  it('never cost more than its budget where prices are known, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(drawn('priced'), async (world) => {
        const { billed, ...rest } = await outcomeOf(world);
        expect({ ...rest, overdrawn: Math.max(0, billed - world.limitUsd) }).toEqual({
          ...{ running: 0, wrongRefusals: [], overdrawn: expect.closeTo(0, 8) },
          ...{ aboveCatalogue: 0, neverBilled: 0, dearestUnknown: 0 },
        });
      }),
      { numRuns: runs(0.8) },
    );
  });

  it('exceed it at most by one of unknown price, and by what a vendor charges too much before its first bill', async () => {
    await fc.assert(
      fc.asyncProperty(drawn('priced', 'dear', 'unpriced'), async (world) => {
        const { billed, aboveCatalogue, neverBilled, dearestUnknown, ...rest } = await outcomeOf(world);
        const most = world.limitUsd + aboveCatalogue + neverBilled + dearestUnknown;
        expect({ ...rest, isWithin: billed <= most + ROUNDING }).toEqual({
          ...{ running: 0, wrongRefusals: [], isWithin: true },
        });
      }),
      { numRuns: runs(0.8) },
    );
  });
});

/** All requests at once, and what the vendor has billed for them by its own books. */
async function outcomeOf({ limitUsd, factor, requests, plans }: Drawn) {
  const scene = await paidScene({ policy: { budget: { totalUsd: limitUsd } } });
  const asked = requests.map((request) => scene.ask(request));
  const books = new Books(factor, (index) => plans[index % plans.length]!);
  for (let second = 0; second < PATIENCE_S && asked.some(({ outcome }) => outcome === 'running'); second += 1) {
    await books.play(scene, second);
    await scene.pass(1_000);
  }
  await scene.close();
  return {
    running: asked.filter(({ outcome }) => outcome === 'running').length,
    wrongRefusals: asked.flatMap(wrongRefusal),
    ...books.sums,
  };
}

/** A refusal is right by its own figures. */
function wrongRefusal({ outcome }: Asked): readonly string[] {
  if (!(outcome instanceof BudgetError)) return [];
  const { limit = 0, spent = 0, needed = 0, message } = outcome;
  const isRight = needed > 0 ? spent + needed > limit - ROUNDING : spent >= limit || message.includes('without a cost');
  return isRight ? [] : [message];
}

/** The vendor's side: it plays the attempts, and sums up what they cost. */
class Books {
  readonly sums = { billed: 0, aboveCatalogue: 0, neverBilled: 0, dearestUnknown: 0 };
  private seen = 0;
  private hasBilledDear = false;
  private readonly open: { readonly attempt: Attempt; readonly plan: Plan; readonly at: number }[] = [];

  constructor(
    private readonly factor: number,
    private readonly planOf: (index: number) => Plan,
  ) {}

  /** Answers arrive one after the other, so that each attempt has begun either before a bill or after it. */
  async play(scene: PaidScene, second: number): Promise<void> {
    this.see(scene.attempts, second);
    for (const one of this.open.splice(0)) {
      if (one.at > second) {
        this.open.push(one);
        continue;
      }
      this.end(one);
      await scene.pass(0);
      this.see(scene.attempts, second);
    }
  }

  /** Attempts that have begun since the last look. */
  private see(attempts: readonly Attempt[], second: number): void {
    for (; this.seen < attempts.length; this.seen += 1) {
      const attempt = attempts[this.seen]!;
      const plan = this.planOf(this.seen);
      this.open.push({ attempt, plan, at: second + plan.seconds });
      if (plan.how !== 'refuse') this.note(attempt, plan);
    }
  }

  private note(attempt: Attempt, plan: Plan): void {
    const usd = this.costOf(attempt, plan);
    this.sums.billed += usd;
    if (attempt.request.model === 'dear' && !this.hasBilledDear) this.sums.aboveCatalogue += usd - attempt.worstUsd;
    if (attempt.request.model === 'unpriced' && plan.how === 'breakOff') this.noteUnpriced(usd, false);
  }

  private noteUnpriced(usd: number, isBilled: boolean): void {
    if (!isBilled) this.sums.neverBilled += usd;
    else this.sums.dearestUnknown = Math.max(this.sums.dearestUnknown, usd);
  }

  private end({ attempt, plan }: { readonly attempt: Attempt; readonly plan: Plan }): void {
    if (plan.how === 'refuse') attempt.refuse();
    else if (plan.how === 'breakOff') attempt.breakOff();
    else {
      const usd = this.costOf(attempt, plan);
      const { model } = attempt.request;
      const isRead = attempt.end(usd);
      this.hasBilledDear ||= isRead && model === 'dear';
      if (model === 'unpriced') this.noteUnpriced(usd, isRead);
    }
  }

  private costOf({ request: { model, maxTokens = 0 }, worstUsd }: Attempt, { share }: Plan): number {
    if (model === 'dear') return worstUsd * this.factor;
    return model === 'unpriced' ? share * maxTokens * 2 * TOKEN_USD : worstUsd * share;
  }
}
