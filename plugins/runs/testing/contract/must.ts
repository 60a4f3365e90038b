import { inspect, isDeepStrictEqual } from 'node:util';
import { RunError } from '../../journal/run-error.js';
import type { RunErrorCode } from '../../journal/run-error.js';

/** @throws Error with this sentence and both values unless they are equal */
export function mustEqual(actual: unknown, expected: unknown, sentence: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`${sentence}\nexpected: ${shown(expected)}\ngot: ${shown(actual)}`);
}

/** @throws Error with this sentence unless it holds */
export function must(holds: boolean, sentence: string): asserts holds {
  if (!holds) throw new Error(sentence);
}

/** @returns the message of the refusal @throws Error unless the call rejects with a `RunError` of this code */
export async function mustRefuse(call: Promise<unknown>, code: RunErrorCode, sentence: string): Promise<string> {
  const outcome: unknown = await call.then(
    (value) => `it resolved with ${shown(value)}`,
    (error: unknown) => error,
  );
  if (RunError.is(outcome) && outcome.code === code) return outcome.message;
  throw new Error(`${sentence} It must be refused with "${code}", but ${shown(outcome)}.`);
}

const shown = (value: unknown): string => inspect(value, { depth: 6, breakLength: 120 });
