import type { StateStore } from '../../core/ports.js';

/** Forgets with the process. */
export function memoryStateStore(): StateStore {
  const values = new Map<string, unknown>();
  return { get: (key) => values.get(key), set: (key, value) => void values.set(key, value) };
}
