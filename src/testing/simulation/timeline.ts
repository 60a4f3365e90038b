import type { Cancel } from '../../core/clock.js';

/** The label of a timer of a process. */
export const TIMER = 'timer';

/** Whoever an event belongs to: a process, a host, or the world itself. */
export interface Owner {
  readonly name: string;
  /** `paused`: its events wait until it runs again. `gone`: they are dropped. */
  readonly condition: 'running' | 'paused' | 'gone';
}

/** One thing that happens at one moment. */
export interface TimelineEvent {
  /** Virtual milliseconds since the start of the world. */
  readonly at: number;
  readonly owner: Owner;
  /** For the trace: `timer`, `12 bytes to writer`. */
  readonly label: string;
  readonly run: () => void;
}

interface Entry extends TimelineEvent {
  at: number;
  /** Events of one moment happen in the order in which they were scheduled. */
  readonly order: number;
  isCancelled: boolean;
}

/** A shorter time would be lost in rounding, and its timer would fire at the same moment again and again. */
const LEAST_MS = 1e-6;

/** All events to come, the earliest first: a binary heap. Cancelled events stay until they come up. */
export class Timeline {
  private readonly heap: Entry[] = [];
  private readonly waiting = new Map<Owner, Entry[]>();
  private scheduled = 0;
  private time = 0;

  /** Virtual milliseconds since the start of the world. */
  get now(): number {
    return this.time;
  }

  /** Schedules an event in `afterMs` milliseconds. */
  schedule(afterMs: number, event: Omit<TimelineEvent, 'at'>): Cancel {
    const entry: Entry = {
      at: this.time + (afterMs > 0 ? Math.max(afterMs, LEAST_MS) : 0),
      owner: event.owner,
      label: event.label,
      run: event.run,
      order: (this.scheduled += 1),
      isCancelled: false,
    };
    this.push(entry);
    return () => {
      entry.isCancelled = true;
    };
  }

  /** Moves time to the next event and returns it; undefined if there is none. */
  next(): TimelineEvent | undefined {
    for (let entry = this.pop(); entry !== undefined; entry = this.pop()) {
      const { condition } = entry.owner;
      if (entry.isCancelled || condition === 'gone') continue;
      if (condition === 'paused') {
        const waiting = this.waiting.get(entry.owner);
        if (waiting === undefined) this.waiting.set(entry.owner, [entry]);
        else waiting.push(entry);
        continue;
      }
      this.time = Math.max(this.time, entry.at);
      return entry;
    }
    return undefined;
  }

  /**
   * Lets the events that a paused owner has missed happen now, in their order.
   * @param suspendedMs milliseconds by which its timers are late, since their clock stood still
   */
  resume(owner: Owner, suspendedMs = 0): void {
    const missed = this.waiting.get(owner) ?? [];
    this.waiting.delete(owner);
    const moved = suspendedMs > 0 ? [...missed, ...this.heap.splice(0)] : missed;
    for (const entry of moved) {
      if (entry.owner === owner && entry.label === TIMER) entry.at += suspendedMs;
      this.push(entry);
    }
  }

  /** Drops the missed events of an owner that has gone. */
  forget(owner: Owner): void {
    this.waiting.delete(owner);
  }

  /** The events to come of one owner; none if it has gone. */
  pendingOf(owner: Owner): readonly TimelineEvent[] {
    if (owner.condition === 'gone') return [];
    const all = [...this.heap, ...(this.waiting.get(owner) ?? [])];
    return all.filter((entry) => entry.owner === owner && !entry.isCancelled);
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let index = heap.length;
    heap.push(entry);
    for (let above = heap[parentOf(index)]; index > 0 && isBefore(entry, above); above = heap[parentOf(index)]) {
      if (above !== undefined) heap[index] = above;
      index = parentOf(index);
    }
    heap[index] = entry;
  }

  private pop(): Entry | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (let least = this.leastBelow(index); isBefore(heap[least], last); least = this.leastBelow(index)) {
      const below = heap[least];
      if (below !== undefined) heap[index] = below;
      index = least;
    }
    heap[index] = last;
    return first;
  }

  private leastBelow(index: number): number {
    const left = 2 * index + 1;
    return isBefore(this.heap[left + 1], this.heap[left]) ? left + 1 : left;
  }
}

function parentOf(index: number): number {
  return (index - 1) >> 1;
}

function isBefore(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined;
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
