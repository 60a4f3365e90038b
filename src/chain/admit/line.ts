import type { Clock } from '../../core/clock.js';
import type { LimitRefusal } from '../../core/ports.js';
import { knownMoment, nextMidnight } from '../../core/util/calendar.js';
import type { Wait } from './pending.js';

/** The answers of a store elsewhere differ by the time that they take. */
const TOLERANCE_MS = 250;

/** Whether a wait is the same as one reported before. */
export function isSame(wait: Wait, before: Wait | undefined): boolean {
  const { untilMs } = wait;
  if (wait.for !== before?.for) return false;
  return untilMs === undefined || before.untilMs === undefined
    ? untilMs === before.untilMs
    : Math.abs(untilMs - before.untilMs) < TOLERANCE_MS;
}

/** Whether a wait is that of all members, and not only of the head. */
function holdsAll(wait: Wait): boolean {
  return wait.for === 'quota' || wait.for === 'store';
}

/** A member of a line. */
export interface Member {
  /** Called when the member is the head: it may ask for its turn until it leaves the line. */
  ask(): void;
  /** Called when another was put before the head: the member stops asking, and gives back what it holds. */
  pause(): void;
  /** Reports why the head waits, and this member behind it. */
  behind(wait: Wait): void;
}

/**
 * A first-come, first-served line. Only its head asks, so a long line costs only memory, and a store that lives elsewhere
 * is asked one question at a time.
 */
export class Line {
  /** Members that were sent back to the head of the line. */
  private readonly returned = new Set<Member>();
  private readonly others = new Set<Member>();
  /** Members that have not been notified yet that they wait. */
  private readonly newcomers = new Set<Member>();
  private head: Member | undefined;
  private wait: Wait | undefined;
  /** The last wait that all members were notified of. It outlives its head, so that each leaving one costs little. */
  private announced: Wait | undefined;
  private isServing = false;
  private readonly silent = new Map<'limits' | 'spending', number>();
  /** The last reset that the server named, in epoch milliseconds. */
  resetAt: number | undefined;

  /** Monotonic milliseconds since which the head has asked a part, again and again, that does not decide. */
  get silentSince(): number | undefined {
    return this.silent.size === 0 ? undefined : Math.min(...this.silent.values());
  }

  /** Notes whether a part decided what the head asked it. */
  note(part: 'limits' | 'spending', answer: object, clock: Clock): void {
    if (!('reason' in answer && answer.reason === 'store')) this.silent.delete(part);
    else if (!this.silent.has(part)) this.silent.set(part, clock.monotonic());
  }

  /** The wait after a refusal at `now` (epoch milliseconds). A quota ends at the server's reset or at midnight UTC. */
  waitFor(refusal: LimitRefusal, now: number): Wait {
    const { reason, retryInMs } = refusal;
    const detail = 'detail' in refusal ? refusal.detail : undefined;
    const known = reason === 'quota' ? [this.resetAt, nextMidnight(now)] : [];
    return {
      for: reason,
      ...(retryInMs !== undefined && { untilMs: knownMoment(now + retryInMs, known) }),
      ...(detail !== undefined && { detail }),
    };
  }

  /** @param isReturned the member goes to the head of the line */
  enter(member: Member, isReturned: boolean): void {
    (isReturned ? this.returned : this.others).add(member);
    this.newcomers.add(member);
    this.serve();
    if (this.wait !== undefined) this.notifyNewcomers(this.wait);
  }

  /** @param then runs after the member has left, and before the next one asks */
  leave(member: Member, then: () => void = () => undefined): void {
    this.newcomers.delete(member);
    const wasIn = this.returned.delete(member) || this.others.delete(member);
    if (this.head === member) {
      this.head = undefined;
      this.wait = undefined;
    }
    const wasServing = this.isServing;
    this.isServing = true;
    try {
      then();
    } finally {
      this.isServing = wasServing;
    }
    if (wasIn) this.serve();
  }

  /**
   * The head reports that it waits. Newcomers are notified, and all members if a quota or a store that does not answer
   * holds them all.
   */
  report(wait: Wait): void {
    this.wait = wait;
    if (!holdsAll(wait)) this.announced = undefined;
    else if (wait.untilMs === undefined || !isSame(wait, this.announced)) {
      this.announced = wait;
      for (const member of [...this.returned, ...this.others]) this.newcomers.add(member);
    }
    this.notifyNewcomers(wait);
  }

  /** Lets the head ask again, since room may have become free. */
  changed(): void {
    const { head } = this;
    head?.ask();
  }

  private serve(): void {
    if (this.isServing) return;
    this.isServing = true;
    for (let first = this.first(); first !== this.head; first = this.first()) {
      const before = this.head;
      this.head = first;
      this.wait = undefined;
      if (before !== undefined && (this.returned.has(before) || this.others.has(before))) before.pause();
      first?.ask();
    }
    this.isServing = false;
  }

  private first(): Member | undefined {
    for (const member of this.returned) return member;
    for (const member of this.others) return member;
    return undefined;
  }

  private notifyNewcomers(wait: Wait): void {
    for (const member of this.newcomers) {
      this.newcomers.delete(member);
      if (member !== this.head) member.behind(wait);
    }
  }
}
