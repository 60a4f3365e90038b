import { Subscription } from 'rxjs';
import type { Cancel, Lease } from 'scriptorium/plugin';
import type { RedisPortParts } from '../queue/port-parts.js';
import { RELEASE_SLOTS, RENEW_SLOTS, SLOT_LEASE_MS } from './slot-scripts.js';

const RENEW_MS = SLOT_LEASE_MS / 3;

/** The slots of one key that this process holds, or has to give back. They are renewed while they are held. */
export class HeldSlots {
  /** The slots, and the mark that somebody waits. */
  readonly keys: readonly string[];
  private readonly held = new Set<string>();
  /** Leases to give back, which the server has not taken yet, with the monotonic milliseconds at which they have ended. */
  private readonly over = new Map<string, number>();
  private cancelRenewal: Cancel = () => undefined;
  private ups: Subscription | undefined;

  /** @param ended runs when nothing is held any more */
  constructor(
    private readonly parts: RedisPortParts<unknown>,
    private readonly key: string,
    private readonly ended: () => void,
  ) {
    const { connection } = parts;
    const tag = `slots:${key}`;
    this.keys = [connection.key(tag), connection.key(tag, 'wait')];
  }

  hold(id: string): Lease {
    this.begin();
    this.held.add(id);
    return {
      isValid: () => true,
      release: () => {
        if (this.held.delete(id)) this.giveBack([id]);
      },
    };
  }

  /** Gives leases back as soon as the server takes them. Those of a lost question may have been taken, or not. */
  giveBack(ids: readonly string[]): void {
    this.begin();
    const endsAt = this.parts.clock.monotonic() + SLOT_LEASE_MS;
    for (const id of ids) this.over.set(id, endsAt);
    this.flush();
  }

  private flush(): void {
    const { connection, clock } = this.parts;
    for (const [id, endsAt] of this.over) if (endsAt <= clock.monotonic()) this.over.delete(id);
    const ids = [...this.over.keys()];
    if (ids.length === 0) {
      this.end();
      return;
    }
    connection.run(RELEASE_SLOTS, this.keys, [connection.key('slots', 'changes'), this.key, ...ids]).then(
      () => {
        for (const id of ids) this.over.delete(id);
        this.end();
      },
      // They are given back when the server answers again, and end by themselves after their lease.
      () => undefined,
    );
  }

  private begin(): void {
    if (this.ups !== undefined) return;
    const ups = new Subscription();
    this.ups = ups;
    ups.add(
      this.parts.connection.isUp$.subscribe({
        next: (isUp) => isUp && this.renew(),
        complete: () => this.stop(),
      }),
    );
    if (!ups.closed) this.schedule();
  }

  private schedule(): void {
    this.cancelRenewal();
    this.cancelRenewal = this.parts.clock.setTimer(RENEW_MS, () => {
      this.schedule();
      this.renew();
    });
  }

  /** A server that has lost its memory knows them again. */
  private renew(): void {
    const { connection, time } = this.parts;
    this.flush();
    if (this.held.size > 0)
      connection
        .run(RENEW_SLOTS, this.keys.slice(0, 1), [time?.() ?? '', SLOT_LEASE_MS, ...this.held])
        .catch(() => undefined);
  }

  private end(): void {
    if (this.held.size + this.over.size > 0) return;
    this.stop();
    this.ended();
  }

  private stop(): void {
    this.cancelRenewal();
    this.ups?.unsubscribe();
    this.ups = undefined;
  }
}
