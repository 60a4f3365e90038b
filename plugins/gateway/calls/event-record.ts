import type { GenerationEvent } from 'scriptorium/plugin';

/** Read events that are merged at once. A chapter of 25,000 deltas takes some hundred events. */
const BATCH = 256;
/** The rough size of an event beside its content, in bytes. */
const EVENT_BYTES = 100;

/**
 * The events of one generation, from its start, for one reader at a time. The deltas that the reader has behind it are
 * merged, so that a long text takes little more memory than its letters.
 */
export class EventRecord {
  /** Merged events, before `recent`. */
  private kept: GenerationEvent[] = [];
  private recent: GenerationEvent[] = [];
  /** The reader's place in both; undefined without a reader. */
  private at: number | undefined;
  private size = 0;
  private isDropping = false;
  /** Bytes that the reader has before it. */
  unread = 0;

  /** @param onGrowth receives the bytes that the record has grown by, negative if it has shrunk */
  constructor(private readonly onGrowth: (bytes: number) => void) {}

  /** Whether events that were read are no longer kept, so that the record cannot be read again. */
  get isIncomplete(): boolean {
    return this.isDropping;
  }

  /** All events that are kept, deltas merged. */
  get events(): readonly GenerationEvent[] {
    return [...this.kept, ...merged(this.recent)];
  }

  add(event: GenerationEvent): void {
    const bytes = weigh(event);
    this.recent.push(event);
    this.unread += bytes;
    this.grow(bytes);
    if (this.at === undefined && this.recent.length >= BATCH) this.settle(this.recent.length);
  }

  /** Places a reader before the first event. */
  rewind(): void {
    this.settle(this.recent.length);
    [this.at, this.unread] = [0, this.size];
  }

  /** Takes the reader away. */
  release(): void {
    this.at = undefined;
    this.settle(this.recent.length);
  }

  /** The reader's next event, if it has come. */
  take(): GenerationEvent | undefined {
    if (this.at === undefined) return undefined;
    const event = this.kept[this.at] ?? this.recent[this.at - this.kept.length];
    if (event === undefined) return undefined;
    this.at += 1;
    this.unread -= weigh(event);
    if (this.at >= this.kept.length + BATCH) this.settle(this.at - this.kept.length);
    return event;
  }

  /** Drops what was read, and keeps nothing of what will be. */
  drop(): void {
    this.isDropping = true;
    if (this.at === undefined) this.clear();
    else if (this.at < this.kept.length) this.discard(this.kept.splice(0, this.at));
    else this.settle(this.at - this.kept.length);
    if (this.at !== undefined) this.at = 0;
  }

  /** Gives all memory back. */
  clear(): void {
    [this.kept, this.recent, this.at, this.unread] = [[], [], undefined, 0];
    this.grow(-this.size);
  }

  /** Moves the first of the recent events, all of which were read or have no reader, to the kept ones. */
  private settle(count: number): void {
    const settled = this.recent.splice(0, count);
    if (this.isDropping) this.discard([...this.kept.splice(0), ...settled]);
    else {
      const events = merged(settled);
      for (const event of events) this.kept.push(event);
      this.grow((events.length - settled.length) * EVENT_BYTES);
    }
    if (this.at !== undefined) this.at = this.kept.length;
  }

  private discard(events: readonly GenerationEvent[]): void {
    this.grow(-events.reduce((sum, event) => sum + weigh(event), 0));
  }

  private grow(bytes: number): void {
    this.size += bytes;
    this.onGrowth(bytes);
  }
}

/** Merges deltas that follow each other. */
function merged(events: readonly GenerationEvent[]): GenerationEvent[] {
  const result: GenerationEvent[] = [];
  let pieces: string[] = [];
  for (const [index, event] of events.entries()) {
    if (event.type !== 'text-delta' && event.type !== 'reasoning-delta') {
      result.push(event);
      continue;
    }
    pieces.push(event.delta);
    if (isSameKind(event, events[index + 1])) continue;
    result.push(pieces.length === 1 ? event : { ...event, delta: pieces.join('') });
    pieces = [];
  }
  return result;
}

function isSameKind(event: GenerationEvent, next: GenerationEvent | undefined): boolean {
  return event.type === 'reasoning-delta'
    ? next?.type === event.type && next.attempt === event.attempt
    : next?.type === event.type;
}

/** The rough size of an event in memory, in bytes. */
function weigh(event: GenerationEvent): number {
  switch (event.type) {
    case 'text-delta':
    case 'reasoning-delta':
      return EVENT_BYTES + event.delta.length * 2;
    case 'image':
      return EVENT_BYTES + event.url.length * 2;
    case 'tool-call':
      return EVENT_BYTES + event.arguments.length * 2;
    case 'annotation':
      return EVENT_BYTES + JSON.stringify(event.annotation).length * 2;
    case 'reasoning-details':
      return EVENT_BYTES + JSON.stringify(event.details).length * 2;
    default:
      return EVENT_BYTES;
  }
}
