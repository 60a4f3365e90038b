import { GenerationError } from 'scriptorium';
import type { StateStore } from 'scriptorium/plugin';
import { uniqueName } from '../queue/port-parts.js';
import type { RedisPortParts } from '../queue/port-parts.js';
import { redisScript } from '../scripts.js';

/** For so long the version of a value without content is kept: others may remember the value. */
const FORGOTTEN_MS = 86_400_000;

/**
 * Writes a value if the key has the expected version. Keys: the value. Arguments: the expected version (empty: none), the new
 * version (empty: only look) and the new value. Returns `{1}` if the version was right, else `{0, version, value}`.
 */
const REPLACE = redisScript(
  'replace',
  `
local stored = redis.call('HMGET', KEYS[1], 'version', 'value')
local version = stored[1] or ''
if version ~= ARGV[1] then return { 0, version, stored[2] or '' } end
if ARGV[2] == '' then return { 1 } end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'value', ARGV[3])
if ARGV[3] == '' then redis.call('PEXPIRE', KEYS[1], ${FORGOTTEN_MS}) else redis.call('PERSIST', KEYS[1]) end
return { 1 }`,
);

/** A value as it was last seen, as JSON; empty if it is undefined. */
interface Seen {
  readonly version: string;
  readonly text: string;
}

const UNSEEN: Seen = { version: '', text: '' };
/** Other processes are in the way this often only where something is wrong. */
const MOST_TRIES = 100;
const MOST_KEYS = 1_000;
/** A longer value is not remembered: it is read again. */
const LONGEST_SEEN = 65_536;

/**
 * State in Redis. A change is made on the value that was last seen, in one round trip, and again if another process was faster.
 * A value that Redis has lost with its memory begins with the one that the first process remembers.
 */
export function redisState(parts: RedisPortParts<unknown>): StateStore {
  const state = new RemoteState(parts);
  return { update: (key, change) => state.update(key, change) };
}

type Change = (old: unknown) => unknown;

class RemoteState {
  private readonly seen = new Map<string, Seen>();
  /** The last change of each key: changes of one process do not get in each other's way. */
  private readonly running = new Map<string, Promise<unknown>>();
  private name: string | undefined;
  private versions = 0;

  constructor(private readonly parts: RedisPortParts<unknown>) {}

  update(key: string, change: Change): Promise<unknown> {
    const { running } = this;
    const make = (): Promise<unknown> => this.change(key, change);
    const done = running.get(key)?.then(make, make) ?? make();
    running.set(key, done);
    const forget = (): void => {
      if (running.get(key) === done) running.delete(key);
    };
    done.then(forget, forget);
    return done;
  }

  private async change(key: string, change: Change): Promise<unknown> {
    let expected = this.seen.get(key) ?? UNSEEN;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const old: unknown = expected.text === '' ? undefined : JSON.parse(expected.text);
      const value = change(old);
      const text = value === undefined ? '' : JSON.stringify(value);
      const isNew = value !== old || (expected.version === '' && text !== '');
      const other = await this.replace(key, expected, isNew ? text : undefined);
      if (other === undefined) return value;
      // A value that the server has lost is put back.
      expected = other.version === '' ? { version: '', text: expected.text } : other;
    }
    throw new GenerationError('unavailable', `The state "${key}" in Redis changes too often. Try again later.`, {
      retryable: true,
    });
  }

  /** Replaces a value, or looks whether it is still the same. Returns the stored one if it is another. */
  private async replace(key: string, expected: Seen, text: string | undefined): Promise<Seen | undefined> {
    const { connection } = this.parts;
    const version = text === undefined ? '' : this.nextVersion();
    const args = [expected.version, version, text ?? ''];
    const reply = await connection.run(REPLACE, [connection.key(`state:${key}`)], args);
    const [isRight, storedVersion, storedText] = reply as [number, string?, string?];
    if (isRight === 1) {
      if (text !== undefined) this.remember(key, { version, text });
      return undefined;
    }
    const stored = { version: storedVersion ?? '', text: storedText ?? '' };
    if (stored.version !== '') this.remember(key, stored);
    return stored;
  }

  private nextVersion(): string {
    this.name ??= uniqueName(this.parts.random());
    return `${this.name}:${(this.versions += 1)}`;
  }

  private remember(key: string, value: Seen): void {
    const { seen } = this;
    seen.delete(key);
    if (value.text.length > LONGEST_SEEN) return;
    seen.set(key, value);
    if (seen.size <= MOST_KEYS) return;
    const [oldest] = seen.keys();
    if (oldest !== undefined) seen.delete(oldest);
  }
}
