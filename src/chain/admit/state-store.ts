import { existsSync, readFileSync, realpathSync, renameSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { systemClock } from '../../core/clock.js';
import type { Clock } from '../../core/clock.js';
import { ConfigError } from '../../core/errors/classes.js';
import { parseJson } from '../../core/outside/json.js';
import type { StateStore } from '../../core/ports.js';
import { makeFolder } from '../../files/make-folder.js';
import { replaceFileSync } from '../../files/whole-file.js';
import { FileLock } from './file-lock.js';

/** Another process holds the lock for about a millisecond. */
const TRY_AGAIN_MS = 5;

/**
 * A state store in a small JSON file that outlives the process. Each update reads the file and replaces it as a whole,
 * under a lock file beside it, so processes and threads of one machine never lose each other's values.
 */
export function fileStateStore(path: string, clock: Clock = systemClock): StateStore {
  const file = new StateFile(path, clock);
  return {
    update: (key, change) => {
      const done = file.update(key, change);
      return done === undefined ? untilDone(clock, () => file.update(key, change)) : done.value;
    },
  };
}

/** The one spelling of a path, through links, whether its file is there yet or not. */
export function realPathOf(path: string): string {
  const whole = resolve(path);
  try {
    return realpathSync.native(whole);
  } catch {
    return dirname(whole) === whole ? whole : join(realPathOf(dirname(whole)), basename(whole));
  }
}

type Change = (old: unknown) => unknown;

class StateFile {
  private readonly lock: FileLock;

  constructor(
    private readonly path: string,
    clock: Clock,
  ) {
    this.lock = new FileLock(`${path}.lock`, clock);
  }

  /**
   * Updates a value; undefined if another process holds the lock.
   * @throws ConfigError if the file cannot be read or written. `change` has seen the value then, if it can be read
   */
  update(key: string, change: Change): { readonly value: unknown } | undefined {
    try {
      if (!this.takeLock(key, change)) return undefined;
      try {
        return this.apply(key, change);
      } finally {
        this.lock.release();
      }
    } catch (error) {
      throw new ConfigError(
        `Cannot read or write the state file ${this.path}: ${String(error)}. Set stateFile to a writable path, or to null.`,
        { cause: error },
      );
    }
  }

  /** The count goes on in memory from what a file says that can only be read. */
  private takeLock(key: string, change: Change): boolean {
    try {
      makeFolder(dirname(this.path));
      return this.lock.take();
    } catch (error) {
      change(valueIn(read(this.path), key));
      throw error;
    }
  }

  private apply(key: string, change: Change): { readonly value: unknown } | undefined {
    const values = read(this.path);
    const old = valueIn(values, key);
    const value = change(old);
    if (value === old) return { value };
    // Whoever stood still for long may have lost the lock, and would undo what others have written since.
    if (!this.lock.isHeld()) return undefined;
    replaceFileSync(this.path, `${JSON.stringify({ ...values, [key]: value }, undefined, 2)}\n`, 0o600);
    return { value };
  }
}

function valueIn(values: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}

/** Tries again every few milliseconds. The lock of a process that died is broken, so this ends. */
async function untilDone(clock: Clock, attempt: () => { readonly value: unknown } | undefined): Promise<unknown> {
  for (;;) {
    await new Promise<void>((resolve) => clock.setTimer(TRY_AGAIN_MS, resolve));
    const done = attempt();
    if (done !== undefined) return done.value;
  }
}

/**
 * Reads the values. A damaged file counts as empty, and is kept as `FILE.damaged`.
 * @throws the file system's error if a file that is there cannot be read: writing would erase it
 */
function read(path: string): Record<string, unknown> {
  if (!existsSync(path)) return {};
  const text = readFileSync(path, 'utf8');
  const values = text.trim() === '' ? {} : parsed(text);
  if (values === undefined) renameSync(path, `${path}.damaged`);
  return values ?? {};
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value = parseJson(text);
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : undefined;
  } catch {
    return undefined;
  }
}

/** A state store in memory, for one process. */
export function memoryStateStore(): StateStore {
  const values = new Map<string, unknown>();
  return {
    update: (key, change) => {
      const value = change(values.get(key));
      values.set(key, value);
      return value;
    },
  };
}
