import type { Cancel } from '../../core/clock.js';

/** The functions that would make a run depend on the machine, by the object that holds them. */
const REAL: readonly (readonly [holder: object, name: string, remedy: string, shown?: string])[] = [
  [globalThis, 'setTimeout', "the pipeline's clock"],
  [globalThis, 'setInterval', "the pipeline's clock"],
  [globalThis, 'setImmediate', "the pipeline's clock, or a microtask"],
  [globalThis, 'fetch', 'the transport of the connection'],
  [Date, 'now', "the pipeline's clock", 'Date.now'],
  [performance, 'now', "the pipeline's clock", 'performance.now'],
  [Math, 'random', "the pipeline's random numbers (tokens.RANDOM)", 'Math.random'],
  [globalThis.crypto, 'randomUUID', "the pipeline's random numbers (tokens.RANDOM)", 'crypto.randomUUID'],
];

/**
 * Replaces the machine's time and chance by functions that throw, as long as a world runs.
 * @param report called with each use; the thrown error may be swallowed
 */
export function guardAgainstReality(report: (message: string) => void): Cancel {
  const restored = REAL.map(([holder, name, remedy, shown = name]) => {
    const before = Object.getOwnPropertyDescriptor(holder, name);
    const real: unknown = Reflect.get(holder, name);
    Object.defineProperty(holder, name, {
      configurable: true,
      writable: true,
      value: (...given: unknown[]): unknown => {
        const caller = callerOf(new Error());
        // Timers of Node itself, such as those of an idle connection, may still run; they are not part of the world.
        if (caller.includes('node:') && typeof real === 'function') return Reflect.apply(real, holder, given);
        const message = `${shown}() was called within a simulation, by ${caller}. Use ${remedy}.`;
        report(message);
        throw new Error(message);
      },
    });
    return () => {
      if (before === undefined) Reflect.deleteProperty(holder, name);
      else Object.defineProperty(holder, name, before);
    };
  });
  return () => restored.forEach((restore) => restore());
}

/** The line of the stack outside this file: `retry (…/retry.ts:12:3)`. */
function callerOf({ stack = '' }: Error): string {
  const lines = stack
    .split('\n')
    .slice(1)
    .map((line) => line.trim().replace(/^at /, ''));
  return lines.find((line) => !line.includes('/guard.')) ?? 'an unknown caller';
}
