import type { LoggedRequest } from 'scriptorium/testing';
import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import type { World } from '../../../src/testing/simulation/world.js';
import { scaled } from '../scene.js';
import type { Scenario } from '../scene.js';
import { Stage } from '../stage.js';

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];
const BOOKS = ['ada', 'byron', 'babbage'] as const;
const MAX_TOKENS = 150;
/** Beside the bytes of a prompt: its role, and whatever a vendor adds. */
const OVERHEAD = 100;

export const accounts: Scenario = {
  name: 'accounts',
  oneSeedIn: 5,
  about: "Budgets of books and days hold at every moment, to the token, and are used up: by the vendor's books.",
  run: async (scene) => {
    const { world, random } = scene;
    const limits = { label: wholeNumber(random, 500, 1_000), day: wholeNumber(random, 1_000, 1_800) };
    const stage: Stage = new Stage(scene, { fault: () => ledger.check() });
    const ledger = new Ledger(world, stage.vendor.requests, limits);
    const process = await stage.process('writer', {
      config: {
        budget: { labelTokens: limits.label, dayTokens: limits.day },
        defaults: { maxTokens: MAX_TOKENS },
      },
    });
    for (const day of [1, 2]) {
      await world.sleep(day * DAY_MS - 2 * HOUR_MS - world.elapsedMs);
      await stage.crowd(Math.max(30, scaled(scene, 50)), 12, async () => {
        await world.sleep(wholeNumber(random, 0, 20_000));
        const book = oneOf(random, BOOKS);
        const prompt = `Write page ${wholeNumber(random, 1, 20)} of the life of ${book}.`;
        const { end } = await stage.generate(process, { model: 'scriptorium/exact', prompt, labels: { book } });
        if (end === undefined) ledger.refused(book, prompt);
      });
    }
    const { byLabel } = process.pipeline.stats();
    for (const book of BOOKS) {
      const [billed, counted] = [ledger.billed({ book }), byLabel.book?.[book]?.tokens.total];
      world.check(billed === counted, () => `${billed} tokens were billed for ${book}, but ${counted} were counted.`);
    }
    world.check(ledger.refusals > 0, 'No budget was used up.');
    await stage.close();
  },
};

/** Which requests of a vendor are meant: all of a book, or all of the day of a time. */
type Scope = { readonly book: string } | { readonly dayOf: number };

/** The vendor's books, by label and by day. */
class Ledger {
  refusals = 0;

  constructor(
    private readonly world: World,
    private readonly requests: readonly LoggedRequest[],
    private readonly limits: { readonly label: number; readonly day: number },
  ) {}

  /** Checks both budgets as a request arrives: each request under way may still use all of its cap. */
  check(): undefined {
    const { label, day } = this.limits;
    for (const book of BOOKS) this.checkOne(`the book ${book}`, this.billed({ book }, MAX_TOKENS), label);
    this.checkOne('the day', this.billed({ dayOf: this.world.now() }, MAX_TOKENS), day);
  }

  /** Checks that a generation was refused for a reason: it does not fit when all is settled. */
  refused(book: string, prompt: string): void {
    const { label, day } = this.limits;
    const most = Buffer.byteLength(prompt) + OVERHEAD + MAX_TOKENS;
    const left = Math.min(label - this.billed({ book }), day - this.billed({ dayOf: this.world.now() }));
    this.refusals += 1;
    this.world.check(left < most, () => `A page of ${book} was refused, though ${left} tokens were left.`);
  }

  /**
   * Tokens of the requests of a scope.
   * @param running the least tokens of a request under way
   */
  billed(scope: Scope, running = 0): number {
    return this.requests
      .filter((request) => isOf(request, scope))
      .reduce((sum, request) => {
        const { usage, closedAt, finishReason } = request;
        const isRunning = closedAt === undefined && finishReason === undefined;
        const completion = Math.max(usage?.completion_tokens ?? 0, isRunning ? running : 0);
        return sum + (usage?.prompt_tokens ?? 0) + completion;
      }, 0);
  }

  private checkOne(name: string, tokens: number, limit: number): void {
    this.world.check(tokens <= limit, () => `${tokens} tokens may be used for ${name}; the budget is ${limit}.`);
  }
}

function isOf({ arrivedAt, body }: LoggedRequest, scope: Scope): boolean {
  if ('dayOf' in scope) return Math.floor(arrivedAt / DAY_MS) === Math.floor(scope.dayOf / DAY_MS);
  const { messages } = body as { readonly messages: readonly { readonly content: string }[] };
  return messages[0]?.content.endsWith(` ${scope.book}.`) === true;
}
