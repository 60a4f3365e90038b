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
  /** The last reset that the server named, in epoch milliseconds. */
  resetAt: number | undefined;

  /** The end of a wait of `ms` from `now` on, in epoch milliseconds. A quota ends at the server's reset or at midnight UTC. */
  moment(reason: Wait['for'], now: number, ms: number): number {
    return reason === 'quota' ? knownMoment(now + ms, [this.resetAt, nextMidnight(now)]) : now + ms;
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
