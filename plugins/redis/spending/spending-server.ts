import type { Subject, Subscription } from 'rxjs';
import { GenerationError } from 'scriptorium';
import type { Cancel, Reservation, SpendingDemand, SpendingUse } from 'scriptorium/plugin';
import type { RedisReply } from '../connection.js';
import type { RedisPortParts } from '../queue/port-parts.js';
import type { RedisScript } from '../scripts.js';
import { dollars } from './dollars.js';
import { KnownAccounts, listOf } from './known-accounts.js';
import type { RemoteScope } from './known-accounts.js';
import { HELD_MS } from './spending-lua.js';
import { REFILL, RENEW, SETTLE } from './spending-scripts.js';

const RENEW_MS = HELD_MS / 3;
/** The server loses its memory more often than this in one question only where something is wrong. */
const MOST_REFILLS = 3;
/** For so long a settlement that the server has not taken is kept. */
const KEPT_MS = 86_400_000;

/** What one attempt holds, or is about to hold. */
export interface Hold {
  readonly id: string;
  readonly demands: readonly SpendingDemand[];
  readonly scopes: readonly RemoteScope[];
  /** The accounts; left out if the server has not answered. */
  readonly names?: readonly string[];
}

interface Settlement {
  readonly hold: Hold;
  readonly used: SpendingUse;
  /** Monotonic milliseconds. */
  readonly since: number;
  isAgain: boolean;
  isRunning: boolean;
}

/**
 * The server's side of the spending of this process: no settlement is lost while the server is away, holds are renewed while
 * their attempts run, and a server that has lost its memory is told what this process remembers.
 */
export class SpendingServer {
  readonly known = new KnownAccounts();
  private readonly open = new Map<string, Hold>();
  private readonly unsettled = new Map<string, Settlement>();
  private readonly keys: readonly string[];
  private readonly channel: string;
  private since = '';
  private cancelTimer: Cancel = () => undefined;
  private ups: Subscription | undefined;

  constructor(
    private readonly parts: RedisPortParts<unknown>,
    private readonly settled: Subject<unknown>,
  ) {
    const { connection } = parts;
    this.keys = ['epoch', 'account:', 'holds:', 'times:', 'names', 'wait'].map((each) =>
      connection.key('spending', each),
    );
    this.channel = connection.key('spending', 'changes');
  }

  /** Runs a script, on a server that remembers. */
  async run(script: RedisScript, args: readonly (string | number)[]): Promise<readonly RedisReply[]> {
    for (let tries = 0; tries <= MOST_REFILLS; tries += 1) {
      const reply = await this.ask(script, args);
      if (reply[0] !== 'epoch') return reply;
      const isFirst = this.since === '';
      this.since = String(reply[1]);
      if (!isFirst) await this.refill();
    }
    throw new GenerationError('unavailable', 'The Redis of the budgets keeps losing its memory. Try again later.', {
      retryable: true,
    });
  }

  hold(hold: Hold): Reservation {
    this.open.set(hold.id, hold);
    this.begin();
    let isOver = false;
    const settle = (used: SpendingUse): void => {
      if (isOver) return;
      isOver = true;
      this.open.delete(hold.id);
      this.settle(hold, used);
    };
    return { isValid: () => true, settle, release: () => settle({ tokens: 0, usd: 0 }) };
  }

  /** Settles an attempt as soon as the server takes it. One whose reservation was lost counts only if it was made. */
  settle(hold: Hold, used: SpendingUse): void {
    const since = this.parts.clock.monotonic();
    const settlement: Settlement = { hold, used, since, isAgain: hold.names === undefined, isRunning: false };
    this.unsettled.set(hold.id, settlement);
    this.begin();
    this.make(settlement);
  }

  private make(settlement: Settlement): void {
    if (settlement.isRunning) return;
    settlement.isRunning = true;
    const { hold, used } = settlement;
    const { whole, rest } = dollars(used.usd);
    const args = [
      ...[hold.id, used.tokens, whole, rest, used.isCostUnknown === true ? 1 : 0, settlement.isAgain ? 1 : 0],
      ...[this.channel, ...this.accountsOf(hold)],
    ];
    this.run(SETTLE, args).then(
      ([, ...balances]) => {
        hold.scopes.forEach((scope, index) => this.known.learn(scope, balances[index] ?? []));
        this.unsettled.delete(hold.id);
        this.endIfIdle();
        this.settled.next(undefined);
      },
      () => {
        // The server may have settled it all the same.
        settlement.isAgain = true;
        settlement.isRunning = false;
      },
    );
  }

  private accountsOf({ scopes, names }: Hold): readonly (string | number)[] {
    return scopes.flatMap(({ scope, unit, isOwn }, index) => [names?.[index] ?? '', scope, unit, isOwn ? 1 : 0]);
  }

  /** What this process remembers, for a server that does not. */
  private async refill(): Promise<void> {
    const { all } = this.known;
    const accounts = all.flatMap(({ name, scope, unit, isOwn, spent }) => {
      const index = unit === '' ? 0 : /(\d+)$/.exec(name)?.[1];
      return [name, scope, unit, index ?? 0, isOwn ? 1 : 0, ...spent];
    });
    const unsettled = [...this.unsettled.values()].map(({ hold }) => hold);
    const holds = [...this.open.values(), ...unsettled].flatMap(({ id, demands, names = [] }) =>
      names.flatMap((name, index) => {
        const { tokens = 0, usd = 0, unbounded = '' } = demands[index] ?? {};
        const { whole, rest } = dollars(usd);
        return [name, id, tokens, whole, rest, unbounded];
      }),
    );
    await this.ask(REFILL, [all.length, ...accounts, ...holds]);
  }

  private async ask(script: RedisScript, args: readonly (string | number)[]): Promise<readonly RedisReply[]> {
    const { connection, time } = this.parts;
    return listOf(await connection.run(script, this.keys, [time?.() ?? '', this.since, ...args]));
  }

  private begin(): void {
    if (this.ups !== undefined) return;
    this.ups = this.parts.connection.isUp$.subscribe({
      next: (isUp) => isUp && this.goOn(),
      complete: () => this.end(),
    });
    if (!this.ups.closed) this.schedule();
  }

  private schedule(): void {
    this.cancelTimer();
    this.cancelTimer = this.parts.clock.setTimer(RENEW_MS, () => {
      this.schedule();
      this.goOn();
    });
  }

  private goOn(): void {
    const now = this.parts.clock.monotonic();
    for (const [id, settlement] of this.unsettled)
      if (settlement.since + KEPT_MS <= now) this.unsettled.delete(id);
      else this.make(settlement);
    const holds = [...this.open.values()].flatMap(({ id, names = [] }) => names.flatMap((name) => [name, id]));
    if (holds.length > 0) this.run(RENEW, holds).catch(() => undefined);
    this.endIfIdle();
  }

  private endIfIdle(): void {
    if (this.open.size + this.unsettled.size === 0) this.end();
  }

  private end(): void {
    this.cancelTimer();
    this.ups?.unsubscribe();
    this.ups = undefined;
  }
}
