import type {
  OverBudget,
  Reservation,
  Spending,
  SpendingDemand,
  SpendingRefusal,
  Undecided,
} from '../../core/ports.js';
import { must, said } from '../must.js';
import { checkWith } from '../port-contract/scene.js';
import type { MakePort, PortScene } from '../port-contract/scene.js';

/** Makes the spending under proof, as two processes see it. A kept scope is one in both. */
export type MakeSpending = MakePort<Spending>;

export type SpendingScene = PortScene<Spending>;

export const by = checkWith<Spending, Parameters<MakeSpending>[0]>({});

/** A demand on the kept scope `label/book/ada`, of which 10 dollars and 1,000 tokens may be spent. */
export const demand = (parts: Partial<SpendingDemand> = {}): SpendingDemand => ({
  scope: 'label/book/ada',
  limit: { tokens: 1_000, usd: 10 },
  tokens: 0,
  usd: 0,
  isDaily: false,
  isKept: true,
  ...parts,
});

/** Reserves what must fit. */
export async function reserved(spending: Spending, ...demands: readonly SpendingDemand[]): Promise<Reservation> {
  const answer = await spending.reserve(demands);
  must(isReservation(answer), `A demand that fits was refused: ${said(answer)}.`);
  return answer;
}

/** Asks for what must not fit. */
export async function refused(spending: Spending, ...demands: readonly SpendingDemand[]): Promise<OverBudget> {
  const answer = await spending.reserve(demands);
  must(!isReservation(answer), 'A demand beyond its budget was not refused.');
  must('refusedScope' in answer, `A demand beyond its budget was answered with ${said(answer)}.`);
  return answer;
}

/** Reserves and settles dollars. */
export async function spend(scene: SpendingScene, usd: number, parts: Partial<SpendingDemand> = {}): Promise<void> {
  (await reserved(scene.first, demand({ usd, ...parts }))).settle({ tokens: 0, usd });
  await scene.quiet();
}

/** Dollars that are spent or reserved in a scope, as a process sees it. */
export async function takenIn(spending: Spending, scope = 'label/book/ada'): Promise<number> {
  const balances = (await spending.balances?.()) ?? [];
  return balances
    .filter((balance) => balance.scope === scope)
    .reduce((sum, balance) => sum + balance.spent.usd + balance.reserved.usd, 0);
}

function isReservation(answer: Reservation | SpendingRefusal | Undecided): answer is Reservation {
  return 'release' in answer;
}
