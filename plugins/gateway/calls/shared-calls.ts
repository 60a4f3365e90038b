import { randomUUID } from 'node:crypto';
import { GenerationError } from 'scriptorium';
import type { Cancel, Clock, GenerationEvent, StateStore } from 'scriptorium/plugin';
import type { Identity } from './identity.js';

/** A generation of a client that may come back, as all gateways see it. */
interface Entry {
  readonly owner: string;
  /** Names the claim, among all of its gateway. */
  readonly claim?: string;
  /** Counts on while its gateway lives. */
  readonly beat: number;
  readonly content: string;
  /** Whether its answer is whole, and kept for all gateways. */
  readonly isWhole?: boolean;
}

/** The end of kept answers in epoch milliseconds, by key. */
type Index = Readonly<Record<string, number>>;

const BEAT_MS = 5_000;
/** A gateway whose entries have stood still for so long is taken for dead. */
const DEAD_MS = 20_000;
/** After this time a client may ask again for a generation that another gateway writes. */
const RETRY_MS = 2_000;
/** The clocks of gateways may differ by this much before a kept answer is removed. */
const LATE_MS = 600_000;
const MOST_SIGHTINGS = 10_000;
const INDEX = 'gateway/answers';

/** Dependencies of `SharedCalls`. */
export interface SharedCallsParts {
  /** The store that all gateways share. */
  readonly store: StateStore;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
}

/**
 * The generations that several gateways have under way, in the store that they share. Whether a gateway lives is seen by its
 * beats, so that the clocks of machines need not agree.
 */
export class SharedCalls {
  private readonly owner = randomUUID();
  private readonly own = new Map<string, Identity>();
  private readonly sightings = new Map<string, { readonly beat: string; readonly at: number }>();
  private cancelBeat: Cancel = () => undefined;
  private isBeating = false;
  private claims = 0;

  constructor(private readonly parts: SharedCallsParts) {}

  /**
   * The events of a whole answer that any gateway keeps; undefined if no gateway has the request.
   * @throws GenerationError with the status 409 while another gateway writes it
   */
  async find(identity: Identity): Promise<readonly GenerationEvent[] | undefined> {
    const entry = await this.entryOf(identity);
    if (entry?.isWhole === true) {
      const events = await this.parts.store.update(answerKey(identity), (old) => old);
      if (Array.isArray(events)) return events as readonly GenerationEvent[];
    }
    if (entry !== undefined && entry.owner !== this.owner && entry.isWhole !== true) throw this.elsewhere();
    return undefined;
  }

  /**
   * Makes this gateway the one that writes the answer.
   * @throws GenerationError with the status 409 while one writes it
   */
  async claim(identity: Identity): Promise<void> {
    const isTaken = await this.put(identity);
    if (!isTaken) throw this.elsewhere();
  }

  /** A client has left a generation, so that others must not start it anew. */
  publish(identity: Identity): void {
    this.report(this.put(identity));
  }

  /** An answer without a client is whole. @param forMs for how long it is kept */
  keep(identity: Identity, events: readonly GenerationEvent[], forMs: number): void {
    this.report(this.store(identity, events, forMs));
  }

  /** A generation of this gateway has ended, or its answer was delivered. */
  drop(identity: Identity): void {
    if (this.own.delete(identity.key)) this.report(this.remove(identity));
  }

  /** A client has its whole answer, whoever has written it. */
  delivered(identity: Identity): void {
    this.own.delete(identity.key);
    this.report(this.remove(identity));
  }

  close(): void {
    this.cancelBeat();
    for (const identity of this.own.values()) this.drop(identity);
  }

  private async entryOf({ key, content }: Identity): Promise<Entry | undefined> {
    const entry = asEntry(await this.parts.store.update(entryKey({ key }), (old) => old));
    if (entry === undefined || this.isDead(key, entry)) return undefined;
    if (entry.content !== content) throw otherBody();
    return entry;
  }

  /** Writes the entry of this gateway, unless one lives. Returns whether it is written. */
  private async put(identity: Identity): Promise<boolean> {
    const { key, content } = identity;
    // The store may make the change twice.
    const mine = `${this.owner} ${(this.claims += 1)}`;
    const outcome = { isTaken: false };
    await this.parts.store.update(entryKey(identity), (old) => {
      const entry = asEntry(old);
      outcome.isTaken = entry === undefined || entry.claim === mine || this.isDead(key, entry);
      return outcome.isTaken ? { owner: this.owner, claim: mine, beat: 0, content } : old;
    });
    if (outcome.isTaken) this.hold(identity);
    return outcome.isTaken;
  }

  private hold(identity: Identity): void {
    this.own.set(identity.key, identity);
    if (this.isBeating) return;
    this.isBeating = true;
    this.schedule();
  }

  private schedule(): void {
    this.cancelBeat = this.parts.clock.setTimer(BEAT_MS, () => {
      this.isBeating = this.own.size > 0;
      if (!this.isBeating) return;
      for (const identity of this.own.values()) this.report(this.beat(identity));
      this.schedule();
    });
  }

  private async beat(identity: Identity): Promise<void> {
    await this.parts.store.update(entryKey(identity), (old) => {
      const entry = asEntry(old);
      return entry?.owner === this.owner ? { ...entry, beat: entry.beat + 1 } : old;
    });
  }

  private async store(identity: Identity, events: readonly GenerationEvent[], forMs: number): Promise<void> {
    const { store, clock } = this.parts;
    const now = clock.now();
    let old: readonly string[] = [];
    await store.update(answerKey(identity), () => events);
    await store.update(entryKey(identity), () => ({
      owner: this.owner,
      beat: 0,
      content: identity.content,
      isWhole: true,
    }));
    await store.update(INDEX, (known) => {
      const index = asIndex(known);
      old = Object.keys(index).filter((key) => (index[key] ?? 0) + LATE_MS <= now);
      const kept = Object.entries(index).filter(([key]) => !old.includes(key));
      return { ...Object.fromEntries(kept), [identity.key]: now + forMs };
    });
    this.hold(identity);
    for (const key of old) await this.clear(key);
  }

  private async remove({ key }: Identity): Promise<void> {
    await this.clear(key);
    await this.parts.store.update(INDEX, (known) => {
      const { [key]: end, ...rest } = asIndex(known);
      return end === undefined ? known : rest;
    });
  }

  private async clear(key: string): Promise<void> {
    const { store } = this.parts;
    const outcome = { isOver: false };
    await store.update(entryKey({ key }), (old) => {
      const entry = asEntry(old);
      // Another gateway may have begun to write it anew.
      outcome.isOver = entry?.owner === this.owner || entry?.isWhole === true;
      return outcome.isOver ? undefined : old;
    });
    if (outcome.isOver) await store.update(answerKey({ key }), (old) => (old === undefined ? old : undefined));
  }

  /** Whether an entry has stood still since this gateway saw it first. A whole answer does not need its gateway. */
  private isDead(key: string, { owner, beat, isWhole }: Entry): boolean {
    if (owner === this.owner || isWhole === true) return false;
    const [now, seen] = [this.parts.clock.monotonic(), this.sightings.get(key)];
    if (seen?.beat === `${owner} ${beat}`) return now - seen.at >= DEAD_MS;
    this.sightings.delete(key);
    this.sightings.set(key, { beat: `${owner} ${beat}`, at: now });
    const [oldest] = this.sightings.keys();
    if (this.sightings.size > MOST_SIGHTINGS && oldest !== undefined) this.sightings.delete(oldest);
    return false;
  }

  private elsewhere(): GenerationError {
    return new GenerationError(
      'unavailable',
      'Another gateway writes the answer to this request. Send it again in some seconds: it is paid once.',
      { status: 409, retryable: true, retryAt: this.parts.clock.now() + RETRY_MS },
    );
  }

  private report(done: Promise<unknown>): void {
    done.catch((error: unknown) => {
      this.parts.warn(`Could not share a generation with other gateways: ${String(error)}`);
    });
  }
}

const entryKey = ({ key }: { readonly key: string }): string => `gateway/call/${key}`;
const answerKey = ({ key }: { readonly key: string }): string => `gateway/answer/${key}`;

function asEntry(value: unknown): Entry | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { owner, beat, content } = value as Partial<Record<keyof Entry, unknown>>;
  const isEntry = typeof owner === 'string' && typeof beat === 'number' && typeof content === 'string';
  return isEntry ? (value as Entry) : undefined;
}

function asIndex(value: unknown): Index {
  return typeof value === 'object' && value !== null ? (value as Index) : {};
}

function otherBody(): GenerationError {
  return new GenerationError(
    'invalid-input',
    'The Idempotency-Key belongs to another request that another gateway knows. Send the same path, body and parameters again, or use another key.',
    { status: 422 },
  );
}
