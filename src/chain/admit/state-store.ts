import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock } from '../../core/clock.js';
import type { Clock } from '../../core/clock.js';
import { ConfigError } from '../../core/errors/classes.js';
import { parseJson } from '../../core/outside/json.js';
import type { StateStore } from '../../core/ports.js';
import { replaceFileSync } from '../../files/whole-file.js';

/** Another process holds the lock for about a millisecond. */
const TRY_AGAIN_MS = 5;
/** A lock older than this was left behind by a process that died. */
const STALE_MS = 5_000;

/**
 * A state store in a small JSON file that outlives the process. Each update reads the file and replaces it as a whole,
 * under a lock file beside it, so processes and threads of one machine never lose each other's values.
 */
export function fileStateStore(path: string, clock: Clock = systemClock): StateStore {
  const lock = `${path}.lock`;
  const apply = (key: string, change: (old: unknown) => unknown): unknown => {
    const values = read(path);
    const old = Object.hasOwn(values, key) ? values[key] : undefined;
    const value = change(old);
    if (value !== old) {
      replaceFileSync(path, `${JSON.stringify({ ...values, [key]: value }, undefined, 2)}\n`, 0o600);
    }
    return value;
  };
  const attempt = (key: string, change: (old: unknown) => unknown): { readonly value: unknown } | undefined => {
    try {
      makeFolder(dirname(path));
      if (!lockFile(lock)) return undefined;
      try {
        return { value: apply(key, change) };
      } finally {
        rmSync(lock, { force: true });
      }
    } catch (error) {
      throw new ConfigError(
        `Cannot read or write the state file ${path}: ${String(error)}. Set stateFile to a writable path, or to null.`,
        { cause: error },
      );
    }
  };
  return {
    update: (key, change) => {
      const done = attempt(key, change);
      return done === undefined ? untilDone(clock, () => attempt(key, change)) : done.value;
    },
  };
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
 * Creates a folder and those above it. Node's own way does not return where a file system answers ENOENT for a new folder,
 * as /proc does.
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Creates the lock file. Returns false if another process holds it. */
function lockFile(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx', 0o600));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (isStale(lock)) rmSync(lock, { force: true });
    return false;
  }
}

/** Whether the lock was left behind, by the clock of the file system. */
function isStale(lock: string): boolean {
  try {
    return systemClock.now() - statSync(lock).mtimeMs > STALE_MS;
  } catch {
    return false;
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
