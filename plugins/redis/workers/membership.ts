import type { Cancel, Clock } from 'scriptorium/plugin';
import { BEAT_MS, DRIFT_MS, HELD_MS, LAST_SENDING_MS, SILENT_MS } from './times.js';

/** What a worker says to the store. Each rejects while the store is away. */
export interface Conversation {
  /** Returns the server's time. */
  greet(): Promise<number>;
  /** Brings what was sent while the store was away. */
  bring(): Promise<unknown>;
  /** Shows that the worker is there, at a moment by the server's clock. Returns the server's time. */
  beat(seen: number): Promise<number>;
}

/** Dependencies of `Membership`. */
export interface MembershipParts {
  readonly clock: Clock;
  readonly conversation: Conversation;
  /** The number of equal parts of which this worker has one without the store; 0 for none. */
  readonly parts: number;
  /** Called when the worker has joined. */
  readonly joined: () => void;
}

/** When a worker may work with its share alone, by its monotonic clock. */
export interface AloneTimes {
  readonly from: number;
  readonly until: number;
  /** Until one window after `from` it may send no more than it sent before. Infinity: from its start on, it has waited. */
  readonly hasBeenSeen: boolean;
}

/**
 * A worker among those that share limits. While it has joined, the store decides. After it has lost the store it waits until
 * the others see that it is silent, and then goes on with its share.
 * @see docs/decisions/0027-shares-while-the-store-is-away.md
 */
export class Membership {
  /** The last moment, by the server's clock, at which this worker has shown itself. */
  shownAt = 0;
  private state: 'away' | 'joined' | 'over' = 'away';
  private joining: Promise<boolean> | undefined;
  private server: { readonly time: number; readonly at: number } | undefined;
  /** Monotonic milliseconds of the last beat that the server may have got. */
  private beatAt: number | undefined;
  private cancel: Cancel = () => undefined;
  private readonly startedAt: number;

  constructor(private readonly parts: MembershipParts) {
    this.startedAt = parts.clock.monotonic();
  }

  get hasJoined(): boolean {
    return this.state === 'joined';
  }

  /** When the worker may go on alone; undefined if it never may. */
  alone(windowMs: number): AloneTimes | undefined {
    const { parts } = this.parts;
    if (this.beatAt === undefined)
      return parts === 0
        ? undefined
        : { from: this.startedAt + SILENT_MS + windowMs + DRIFT_MS, until: Infinity, hasBeenSeen: false };
    const from = this.beatAt + SILENT_MS + DRIFT_MS;
    return {
      from,
      until: parts > 0 ? Infinity : this.beatAt + HELD_MS - LAST_SENDING_MS - DRIFT_MS,
      hasBeenSeen: true,
    };
  }

  /** Joins, or joins again. Resolves to whether the store has answered. */
  join(): Promise<boolean> {
    this.joining ??= this.tryToJoin().finally(() => (this.joining = undefined));
    return this.joining;
  }

  /** The store has not answered. */
  lost(): void {
    if (this.state !== 'joined') return;
    this.state = 'away';
    this.cancel();
  }

  end(): void {
    this.state = 'over';
    this.cancel();
  }

  private async tryToJoin(): Promise<boolean> {
    const { conversation, joined } = this.parts;
    try {
      this.hear(await conversation.greet());
      await conversation.bring();
      await this.beat();
    } catch {
      return false;
    }
    if (this.state !== 'away') return false;
    this.state = 'joined';
    this.goOn();
    joined();
    return true;
  }

  private async beat(): Promise<void> {
    // Without an answer the server may have got it all the same.
    const now = this.parts.clock.monotonic();
    this.beatAt = now;
    if (this.server !== undefined) this.shownAt = Math.floor(this.server.time + now - this.server.at);
    this.hear(await this.parts.conversation.beat(this.shownAt));
  }

  private goOn(): void {
    this.cancel();
    this.cancel = this.parts.clock.setTimer(BEAT_MS, () => {
      if (this.state !== 'joined') return;
      this.beat().then(
        () => this.state === 'joined' && this.goOn(),
        () => this.lost(),
      );
    });
  }

  /** The server's time was read before its answer came. */
  private hear(time: number): void {
    this.server = { time, at: this.parts.clock.monotonic() };
  }
}
