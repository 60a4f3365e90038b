import { merge, Subject } from 'rxjs';
import type { Observable } from 'rxjs';
import type { OverBudget, Reservation, Spending, SpendingBalance, SpendingDemand } from 'scriptorium/plugin';
import type { RedisReply } from '../connection.js';
import { uniqueName } from '../queue/port-parts.js';
import type { RedisPortParts } from '../queue/port-parts.js';
import { dollars } from './dollars.js';
import { balanceOf, listOf, remoteScope, scopeName } from './known-accounts.js';
import type { RemoteScope } from './known-accounts.js';
import { SpendingServer } from './spending-server.js';
import { BALANCES, RESERVE } from './spending-scripts.js';

/** A signal may be lost on the way: a refused attempt asks again after this time. */
const LOOK_AGAIN_MS = 5_000;

/**
 * The spending of all processes in Redis, by the server's clock. Kept scopes are shared, and survive; others belong to one
 * process.
 */
export function redisSpending(parts: RedisPortParts<unknown>): Spending {
  const { connection } = parts;
  const settled = new Subject<unknown>();
  let process: { readonly name: string; readonly server: SpendingServer } | undefined;
  const used = () => (process ??= { name: uniqueName(parts.random()), server: new SpendingServer(parts, settled) });
  let attempts = 0;
  const changes$: Observable<unknown> = merge(settled, connection.messages(connection.key('spending', 'changes')));
  return {
    changes$,
    reserve: (demands) => reserve(used(), (attempts += 1), demands),
    balances: () => balances(used().server),
  };
}

interface Used {
  readonly name: string;
  readonly server: SpendingServer;
}

async function reserve(
  { name, server }: Used,
  attempt: number,
  demands: readonly SpendingDemand[],
): Promise<Reservation | OverBudget> {
  const id = `${name}:${attempt}`;
  const scopes = demands.map((demand) => remoteScope(demand, name));
  const args = demands.flatMap((demand, index) => argumentsOf(demand, scopes[index]));
  const hold = { id, demands, scopes };
  let reply: readonly RedisReply[];
  try {
    reply = await server.run(RESERVE, [id, ...args]);
  } catch (error) {
    // The server may have reserved it all the same.
    server.settle(hold, { tokens: 0, usd: 0 });
    throw error;
  }
  const [verdict, refused, ...balances] = reply;
  const names = scopes.map((scope, index) => server.known.learn(scope, balances[index] ?? []));
  if (verdict === 'ok') return server.hold({ ...hold, names });
  return {
    refusedScope: demands[Number(refused) - 1]?.scope ?? '',
    mayFitLater: verdict === 'later',
    ...(verdict === 'later' && { retryInMs: LOOK_AGAIN_MS }),
    balances: demands.map(({ scope }, index) => balanceOf(scope, balances[index] ?? [])),
  };
}

async function balances(server: SpendingServer): Promise<readonly SpendingBalance[]> {
  const [, ...all] = await server.run(BALANCES, server.known.own);
  return all.map((each) => {
    const [scope, balance] = listOf(each);
    return balanceOf(scopeName(String(scope)), balance ?? []);
  });
}

function argumentsOf(
  { tokens, usd, unbounded = '', limit }: SpendingDemand,
  scope: RemoteScope | undefined,
): readonly (string | number)[] {
  const [amount, most] = [dollars(usd), dollars(limit.usd)];
  return [
    ...[scope?.scope ?? '', scope?.unit ?? '', scope?.isOwn === true ? 1 : 0],
    ...[tokens, amount.whole, amount.rest, unbounded, limit.tokens, most.whole, most.rest],
  ];
}
