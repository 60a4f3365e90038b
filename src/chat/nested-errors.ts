import { parseJson } from '../core/outside/json.js';
import { asErrorText, asList, asObject } from './json.js';
import type { Json } from './json.js';

const LONGEST_JSON = 65_536;
/** Errors hold errors of those behind them; no further is looked. */
const DEEPEST = 6;
const MOST_ENTRIES = 20;

/** Where an error says what happened, the plainest first. */
const SAYING = [
  'message',
  'msg',
  'detail',
  'error',
  'errors',
  'error_description',
  'status_msg',
  'reason',
  'description',
  'title',
  'Message',
] as const;

/** Where an error holds those of others. */
const HOLDING = ['error', 'errors', 'detail', 'details', 'message', 'metadata', 'raw'] as const;

/**
 * The words of an error, whatever its shape: a text, JSON in a text, an object that says it under one of many names, a list of
 * complaints (`{ loc, msg }`). Undefined if there are none.
 */
export function wordsOf(value: unknown, depth = 0): string | undefined {
  if (depth > DEEPEST) return undefined;
  if (typeof value === 'string') {
    const inner = jsonIn(value);
    return inner === undefined ? asErrorText(value.trim()) : (wordsOf(inner, depth + 1) ?? asErrorText(value));
  }
  if (Array.isArray(value)) return listed(value, depth);
  const error = asObject(value);
  if (error === undefined) return undefined;
  for (const name of SAYING) {
    const words = wordsOf(error[name], depth + 1);
    if (words !== undefined) return placed(error, words);
  }
  return undefined;
}

/** The error, and all that it holds, the outermost first. */
export function errorsWithin(value: unknown, depth = 0): readonly Json[] {
  if (depth > DEEPEST) return [];
  const inner = typeof value === 'string' ? jsonIn(value) : value;
  if (Array.isArray(inner))
    return asList(inner)
      .slice(0, MOST_ENTRIES)
      .flatMap((each) => errorsWithin(each, depth + 1));
  const error = asObject(inner);
  return error === undefined ? [] : [error, ...HOLDING.flatMap((name) => errorsWithin(error[name], depth + 1))];
}

function listed(values: readonly unknown[], depth: number): string | undefined {
  const words = values.slice(0, MOST_ENTRIES).map((each) => wordsOf(each, depth + 1));
  return asErrorText(words.filter((each) => each !== undefined).join('; '));
}

/** "body.top_k: Extra inputs are not permitted" */
function placed({ loc }: Json, words: string): string {
  const where = asList(loc)
    .slice(0, MOST_ENTRIES)
    .filter((part) => typeof part === 'string' || typeof part === 'number')
    .join('.');
  return where === '' ? words : `${where}: ${words}`;
}

/** A longer text than errors are is not read as JSON. */
function jsonIn(text: string): object | undefined {
  if (text.length > LONGEST_JSON || !/^\s*[[{]/.test(text)) return undefined;
  try {
    const json = parseJson(text);
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}
