import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '../../core/errors/classes.js';
import type { StateStore } from '../../core/ports.js';

/**
 * A state store in a small JSON file that outlives the process. The file is read before every access and replaced as a
 * whole. Processes that take turns see each other's values; of two simultaneous writes one wins.
 */
export function fileStateStore(path: string): StateStore {
  const read = (): Record<string, unknown> => parse(readIfThere(path));
  return {
    get: (key) => {
      const values = read();
      return Object.hasOwn(values, key) ? values[key] : undefined;
    },
    set: (key, value) => {
      try {
        mkdirSync(dirname(path), { recursive: true });
        const draft = `${path}.${process.pid}`;
        writeFileSync(draft, `${JSON.stringify({ ...read(), [key]: value }, undefined, 2)}\n`, { mode: 0o600 });
        renameSync(draft, path);
      } catch (error) {
        throw new ConfigError(
          `Cannot write the state file ${path}: ${String(error)}. Set stateFile to a writable path, or to null.`,
          { cause: error },
        );
      }
    },
  };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '{}';
  }
}

/** A damaged file counts as empty: the counts in it are known to the server anyway. */
function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
  } catch {
    return {};
  }
}

/** A state store in memory, for one process. */
export function memoryStateStore(): StateStore {
  const values = new Map<string, unknown>();
  return { get: (key) => values.get(key), set: (key, value) => void values.set(key, value) };
}
