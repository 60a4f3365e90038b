import { asNumber } from '../core/outside/numbers.js';
import { cutText } from '../core/outside/text.js';
import { asList, asObject, asText, parseObject } from './json.js';
import type { Json } from './json.js';
import { positive } from './retry-after.js';

/** Errors hold errors of those behind them, as objects or as JSON texts. */
const DEEPEST = 8;
const MOST_ENTRIES = 20;
const LONGEST_TEXT = 16_384;

/** Where vendors put the errors of others, and lists of details. */
const NESTED = ['error', 'errors', 'details', 'metadata', 'raw', 'message'] as const;
const SECONDS = ['retry_after', 'retryAfter', 'retry_after_seconds', 'retryDelay'] as const;

/**
 * The wait that an error names in its body, in milliseconds, the longest of several: Google's `RetryInfo.retryDelay`,
 * `retry_after` in seconds, "try again in 7.66s", and the same within `metadata.raw` and lists of errors.
 */
export function waitInBody(error: unknown): number | undefined {
  const waits = waitsIn(error, 0);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

function waitsIn(value: unknown, depth: number): readonly number[] {
  if (depth > DEEPEST) return [];
  if (typeof value === 'string') {
    const text = cutText(value, LONGEST_TEXT);
    const inner = /^\s*[{[]/.test(text) ? parsed(text) : undefined;
    return inner === undefined ? inWords(text) : waitsIn(inner, depth + 1);
  }
  if (Array.isArray(value))
    return asList(value)
      .slice(0, MOST_ENTRIES)
      .flatMap((each) => waitsIn(each, depth + 1));
  const error = asObject(value);
  return error === undefined ? [] : [...inFields(error), ...NESTED.flatMap((key) => waitsIn(error[key], depth + 1))];
}

function parsed(text: string): unknown {
  return parseObject(text) ?? parseObject(`{"errors":${text}}`);
}

function inFields(error: Json): readonly number[] {
  return SECONDS.flatMap((key) => {
    const text = asText(error[key]);
    const seconds = asNumber(error[key]);
    const ms = seconds === undefined ? durationMs(text ?? '') : positive(seconds * 1_000);
    return ms === undefined ? [] : [ms];
  });
}

const IN_WORDS =
  /(?:try again|retry|retry after|wait|available again|resets?)(?: \w+){0,3}? (?:in|after|for|at least)?:? ?((?:\d+(?:\.\d+)? ?(?:milliseconds?|ms|minutes?|mins?|hours?|hrs?|seconds?|secs?|days?|[dhms])(?![a-z]) ?(?:and )?)+)/gi;

/** "Please try again in 1m26.4s.", "Retry after 30 seconds", "wait 5 minutes" */
function inWords(text: string): readonly number[] {
  return [...text.matchAll(IN_WORDS)].flatMap(([, span = '']) => {
    const ms = durationMs(span);
    return ms === undefined ? [] : [ms];
  });
}

const UNIT_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };

/** No server names a wait in more characters; longer texts are not searched. */
const LONGEST_DURATION = 64;

const PART = /(\d+(?:\.\d+)?) ?(milliseconds?|ms|minutes?|mins?|m|seconds?|secs?|s|hours?|hrs?|h|days?|d)(?![a-z])/gi;

/**
 * Reads a duration in milliseconds: `6m0s`, `1h30m`, `7.66s`, `120ms`, `30 seconds`, `1 hour and 5 minutes`. Undefined for any
 * other text, for nothing, and for more than a year.
 * @see docs/write-a-provider.md
 */
export function durationMs(text: string): number | undefined {
  if (text.length > LONGEST_DURATION) return undefined;
  if (!/^(\s|and)*$/i.test(text.replaceAll(PART, ''))) return undefined;
  const parts = [...text.matchAll(PART)];
  const sum = parts.reduce((total, [, count, unit = '']) => {
    const word = unit.toLowerCase();
    return total + Number(count) * (/^(ms|milli)/.test(word) ? 1 : (UNIT_MS[word[0] ?? ''] ?? NaN));
  }, 0);
  return positive(sum);
}
