import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersOfPromises from 'node:timers/promises';
import type { Cancel } from '../../core/clock.js';

const CLOCK = "the pipeline's clock";
const CHANCE = "the pipeline's random numbers (tokens.RANDOM)";
const TIMERS = ['setTimeout', 'setInterval', 'setImmediate'];
const RANDOM_BYTES = [
  'randomUUID',
  'randomBytes',
  'randomInt',
  'randomFill',
  'randomFillSync',
  'generateKey',
  'generateKeySync',
];

/** Functions of one object that would make a run depend on the machine, and what replaces them. */
interface RealFunctions {
  readonly holder: object;
  readonly names: readonly string[];
  readonly remedy: string;
  /** Stands before the names in a message. */
  readonly prefix?: string;
}

const REAL: readonly RealFunctions[] = [
  { holder: globalThis, names: TIMERS, remedy: CLOCK },
  { holder: timers, names: TIMERS, remedy: CLOCK, prefix: 'timers.' },
  { holder: timersOfPromises, names: TIMERS, remedy: CLOCK, prefix: 'timers/promises.' },
  { holder: timersOfPromises.scheduler, names: ['wait'], remedy: CLOCK, prefix: 'scheduler.' },
  { holder: globalThis, names: ['fetch'], remedy: 'the transport of the connection' },
  { holder: AbortSignal, names: ['timeout'], remedy: CLOCK, prefix: 'AbortSignal.' },
  { holder: Date, names: ['now'], remedy: CLOCK, prefix: 'Date.' },
  { holder: performance, names: ['now'], remedy: CLOCK, prefix: 'performance.' },
  { holder: process.hrtime, names: ['bigint'], remedy: CLOCK, prefix: 'process.hrtime.' },
  { holder: process, names: ['hrtime', 'uptime'], remedy: CLOCK, prefix: 'process.' },
  { holder: Math, names: ['random'], remedy: CHANCE, prefix: 'Math.' },
  // Some test runners have a global `crypto` of their own.
  ...[...new Set([globalThis.crypto, crypto.webcrypto])].map((holder) => ({
    holder,
    names: ['randomUUID', 'getRandomValues'],
    remedy: CHANCE,
    prefix: 'crypto.',
  })),
  { holder: crypto, names: RANDOM_BYTES, remedy: CHANCE, prefix: 'crypto.' },
];

/** Called with each use of the machine's time or chance. Returns if Node itself uses it, and throws otherwise. */
type Refuse = (shown: string, remedy: string) => void;

/**
 * Replaces the machine's time and chance by functions that throw, as long as a world runs.
 * @param report called with each use; the thrown error may be swallowed
 */
export function guardAgainstReality(report: (message: string) => void): Cancel {
  const refuse: Refuse = (shown, remedy) => {
    const caller = callerOf(new Error());
    // Timers of Node itself, such as those of an idle connection, may still run; they are not part of the world.
    if (caller.includes('node:')) return;
    const message = `${shown}() was called within a simulation, by ${caller}. Use ${remedy}.`;
    report(message);
    throw new Error(message);
  };
  const restored = REAL.flatMap(({ holder, names, remedy, prefix = '' }) =>
    names.map((name) =>
      replace(holder, name, (real) => guardedFunction(real, () => refuse(`${prefix}${name}`, remedy))),
    ),
  );
  restored.push(replace(globalThis, 'Date', (real) => guardedDate(real as DateConstructor, refuse)));
  // Modules that have imported the functions by their names get the new ones, too.
  syncBuiltinESMExports();
  return () => {
    restored.forEach((restore) => restore());
    syncBuiltinESMExports();
  };
}

/** Replaces one property. Returns the function that undoes it. */
function replace(holder: object, name: string, by: (real: object) => object): Cancel {
  const before = Object.getOwnPropertyDescriptor(holder, name);
  const value = by(Reflect.get(holder, name) as object);
  Object.defineProperty(holder, name, { configurable: true, enumerable: true, writable: true, value });
  return () => {
    if (before === undefined) Reflect.deleteProperty(holder, name);
    else Object.defineProperty(holder, name, before);
  };
}

/** The function, with its properties, once its caller has been let through. */
function guardedFunction(real: object, check: () => void): object {
  return new Proxy(real, {
    apply: (target, self, given): unknown => {
      check();
      return Reflect.apply(target as () => unknown, self, given);
    },
  });
}

/** `Date`, which still makes a date of a given time. */
function guardedDate(real: DateConstructor, refuse: Refuse): DateConstructor {
  return new Proxy(real, {
    construct: (target, given, newTarget) => {
      if (given.length === 0) refuse('new Date', CLOCK);
      return Reflect.construct(target, given, newTarget) as object;
    },
    apply: (target, self, given): string => {
      refuse('Date', CLOCK);
      return Reflect.apply(target, self, given as []);
    },
  });
}

/** The line of the stack outside this file: `retry (…/retry.ts:12:3)`. */
function callerOf({ stack = '' }: Error): string {
  const lines = stack
    .split('\n')
    .slice(1)
    .map((line) => line.trim().replace(/^at /, ''));
  // The `getRandomValues` of node:crypto calls that of `webcrypto`.
  return lines.find((line) => !/\/guard\.|node:(internal\/)?crypto\b/.test(line)) ?? 'an unknown caller';
}
