import type { MaybePromise } from '../ports.js';

/** Whether a value can be awaited: a promise of any library, or another object with `then`. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** Applies a function to a value: at once if it is there, later if it is a promise. */
export function afterwards<T, R>(value: MaybePromise<T>, apply: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return isPromise(value) ? value.then(apply) : apply(value);
}

/** Returns a value that must not be a promise. One that rejects all the same does not end the process. */
export function notAPromise(value: unknown): unknown {
  if (isPromise(value)) value.then(undefined, () => undefined);
  return value;
}
