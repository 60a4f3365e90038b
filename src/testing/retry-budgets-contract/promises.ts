import type { Lease, RetryBudgets } from '../../core/ports.js';
import { must, said } from '../must.js';
import { admittedOf, Caller } from '../port-contract/caller.js';
import { checkWith } from '../port-contract/scene.js';
import type { MakePort, PortCheck, PortScene, PortWorld } from '../port-contract/scene.js';

/** The surroundings of retry budgets under proof. */
export interface RetryBudgetsWorld extends PortWorld {
  readonly settings: {
    /** The most tokens of a bucket, which begins full. */
    readonly capacity: number;
    readonly refillPerSecond: number;
    /** Tokens that one retry takes. */
    readonly retryCost: number;
  };
}

/** Makes the retry budgets under proof, as two processes see them. */
export type MakeRetryBudgets = MakePort<RetryBudgets, RetryBudgetsWorld>;

type Scene = PortScene<RetryBudgets>;

// A bucket of four retries; one more each ten seconds.
const by = checkWith<RetryBudgets, RetryBudgetsWorld>({
  settings: { capacity: 20, refillPerSecond: 0.5, retryCost: 5 },
});
const RETRIES = 4;
const REFILL_MS = 10_000;

const call = (budgets: RetryBudgets, key = 'a'): Caller<Lease> => new Caller(budgets.acquire(key));

async function empty({ first, second, quiet }: Scene): Promise<readonly Caller<Lease>[]> {
  const callers = [call(first), call(second), call(first), call(second)];
  await quiet();
  must(
    admittedOf(callers) === RETRIES,
    `A full bucket covers ${RETRIES} retries, and ${admittedOf(callers)} are admitted.`,
  );
  return callers;
}

/** The promises of every `RetryBudgets`, each a sentence with the check that proves it. */
export const RETRY_BUDGETS_PROMISES = {
  'admits the retries that a full bucket covers, over all processes, and no more': by(async (scene) => {
    await empty(scene);
    const late = [call(scene.first), call(scene.second)];
    await scene.quiet();
    must(admittedOf(late) === 0, `A bucket of ${RETRIES} retries has covered ${RETRIES + admittedOf(late)}.`);
  }),
  'reports until when a retry waits, and admits it then': by(async (scene) => {
    await empty(scene);
    const late = call(scene.second);
    await scene.quiet();
    const [wait] = late.waits;
    const until = scene.clock.now() + REFILL_MS;
    must(
      late.waits.length === 1 && wait?.for === 'retry-budget' && Math.abs((wait.untilMs ?? 0) - until) <= 1,
      `A caller before an empty bucket was told ${said(late.waits)}; it must be told once, for 'retry-budget', until ${until}.`,
    );
    await scene.pass(REFILL_MS - 1);
    must(!late.isAdmitted, 'A retry is admitted before the bucket covers it.');
    await scene.pass(2);
    must(late.isAdmitted, 'The bucket covers a retry again, and its caller was not admitted.');
  }),
  'takes back the tokens of a retry, once, and admits the next one': by(async (scene) => {
    const [held] = await empty(scene);
    const late = [call(scene.second), call(scene.second)];
    await scene.quiet();
    for (let time = 0; time < 3; time += 1) held?.lease.release();
    await scene.quiet();
    must(admittedOf(late) === 1, `One retry's tokens were given back, and ${admittedOf(late)} retries were admitted.`);
  }),
  'never holds more than its capacity': by(async (scene) => {
    const held = await empty(scene);
    await scene.pass(REFILL_MS * RETRIES * 2);
    for (const { lease } of held) lease.release();
    await scene.quiet();
    await empty(scene);
    const late = call(scene.first);
    await scene.quiet();
    must(!late.isAdmitted, 'After a long rest and tokens given back, the bucket holds more than its capacity.');
  }),
  'counts each key for itself': by(async (scene) => {
    await empty(scene);
    const other = call(scene.second, 'b');
    await scene.quiet();
    must(other.isAdmitted, 'The bucket of one key is empty, and a retry of another key has to wait.');
  }),
  'takes nothing for a caller that has left': by(async (scene) => {
    await empty(scene);
    const left = call(scene.first);
    await scene.quiet();
    left.leave();
    await scene.pass(REFILL_MS + 1);
    const next = call(scene.second);
    await scene.quiet();
    must(next.isAdmitted, 'The caller before it has left, and the refilled bucket does not cover the next one.');
  }),
} as const satisfies Readonly<Record<string, PortCheck<RetryBudgets, RetryBudgetsWorld>>>;
