import type { BreakerPass, Breakers, BreakerVerdict } from 'scriptorium/plugin';
import { uniqueName } from '../queue/port-parts.js';
import type { RedisPortParts } from '../queue/port-parts.js';
import { RemoteQueue, RemoteQueues } from '../queue/remote-queue.js';
import type { Grants } from '../queue/remote-queue.js';
import { ENTER, RECORD } from './breaker-scripts.js';
import { KnownBreakers } from './known-breakers.js';
import type { BreakerReport } from './known-breakers.js';

/** The settings that breakers read. */
export interface BreakerSettings {
  readonly breaker: {
    readonly failureRate: number;
    readonly minimumCalls: number;
    readonly windowMs: number;
    readonly connectionFailures: number;
    readonly openMs: number;
    readonly longestOpenMs: number;
  };
  readonly timeouts: { readonly firstTokenMs: number };
}

/** A probe's lease where the first-token timer is off. */
const PROBE_LEASE_MS = 120_000;

/** Circuit breakers in Redis, which all processes that use it share: they count calls together, and open at once. */
export function redisBreakers(parts: RedisPortParts<BreakerSettings>): Breakers {
  const breakers = new RemoteBreakers(parts);
  return {
    acquire: (key, options) => breakers.acquire(key, options),
    isOpen: (key) => breakers.known.isOpen(key),
    standings: () => breakers.known.standings(),
  };
}

class RemoteBreakers {
  readonly known: KnownBreakers;
  private readonly queues: RemoteQueues<BreakerPass>;
  private readonly channel: string;
  private isListening = false;
  private name: string | undefined;
  private calls = 0;

  constructor(private readonly parts: RedisPortParts<BreakerSettings>) {
    const { clock, random, connection } = parts;
    this.known = new KnownBreakers(clock);
    this.channel = connection.key('breakers', 'changes');
    this.queues = new RemoteQueues(
      (key) => new RemoteQueue({ waitReason: 'breaker', clock, random, ask: (count) => this.ask(key, count) }),
    );
  }

  acquire(key: string, options: Parameters<Breakers['acquire']>[1]): ReturnType<Breakers['acquire']> {
    this.listen();
    return this.queues.acquire(key, options);
  }

  private listen(): void {
    if (this.isListening) return;
    this.isListening = true;
    this.parts.connection.messages(this.channel).subscribe((message) => {
      const [, openings, state, ms, key] = /^(\d+) (closed|open|probing) (\d+) (.*)$/s.exec(message) ?? [];
      if (key !== undefined)
        this.known.learn(key, { openings: Number(openings), state: state as BreakerReport['state'], ms: Number(ms) });
      this.queues.serve(key);
    });
  }

  private async ask(key: string, count: number): Promise<Grants<BreakerPass>> {
    const { connection, config, time } = this.parts;
    const probe = this.nextName();
    const leaseMs = config().timeouts.firstTokenMs || PROBE_LEASE_MS;
    const reply = await connection.run(ENTER, this.keysOf(key).slice(0, 1), [
      ...[time?.() ?? '', this.known.openings(key), leaseMs, count, probe],
    ]);
    const [admitted, openings, state, ms] = reply as [number, number, BreakerReport['state'], number];
    this.known.learn(key, { openings, state, ms });
    const pass = { key, openings, probe: state === 'probing' ? probe : undefined };
    return { leases: Array.from({ length: admitted }, () => this.pass(pass)), retryInMs: ms };
  }

  private pass({ key, openings, probe }: { key: string; openings: number; probe: string | undefined }): BreakerPass {
    let isOver = false;
    const record = (verdict: BreakerVerdict): void => {
      if (isOver) return;
      isOver = true;
      if (verdict === 'neutral' && probe === undefined) return;
      this.record(key, [openings, verdict, probe ?? this.nextName(), probe === undefined ? 0 : 1]);
    };
    return {
      isProbe: probe !== undefined,
      isValid: () => this.known.openings(key) <= openings,
      record,
      release: () => record('neutral'),
    };
  }

  /** A result that does not arrive is not counted; a probe's lease ends by itself. */
  private record(key: string, result: readonly (string | number)[]): void {
    const { connection, config, random, time } = this.parts;
    const { failureRate, minimumCalls, windowMs, connectionFailures, openMs, longestOpenMs } = config().breaker;
    connection
      .run(RECORD, this.keysOf(key), [
        ...[time?.() ?? '', ...result, this.channel, key, random()()],
        ...[failureRate, minimumCalls, windowMs, connectionFailures, openMs, longestOpenMs],
      ])
      .catch(() => undefined);
  }

  private keysOf(key: string): readonly string[] {
    const { connection } = this.parts;
    const tag = `breaker:${key}`;
    return [connection.key(tag), connection.key(tag, 'good'), connection.key(tag, 'failed')];
  }

  private nextName(): string {
    this.name ??= uniqueName(this.parts.random());
    return `${this.name}:${(this.calls += 1)}`;
  }
}
