import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '../../core/errors/classes.js';
import type { StateStore } from '../../core/ports.js';

/**
 * A small JSON file that outlives the process. It is read before every look and replaced as a whole, so processes that
 * take turns see each other's values; of two that write in the same instant one wins.
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
          `The state file ${path} cannot be written: ${String(error)} Set stateFile to a place that can, or to null.`,
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

/** A damaged file counts as empty: what it held are counts that the server knows better. */
function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
  } catch {
    return {};
  }
}

/** Forgets with the process. */
export function memoryStateStore(): StateStore {
  const values = new Map<string, unknown>();
  return { get: (key) => values.get(key), set: (key, value) => void values.set(key, value) };
}
