import type { AttemptRecord, Outcome } from '../attempt.js';
import type { Usage, UsageSource } from '../usage.js';
import type { BudgetDetails, BudgetScope } from './budget-details.js';
import { isAccountDollars, isCount, isDuration, isTime, isTotal } from '../outside/numbers.js';
import { ERROR_CODES } from './codes.js';

/** Reads a value from JSON. Returns undefined if it is not valid. */
interface JsonField<T> {
  /** What is valid, for a message. */
  readonly description: string;
  readonly read: (value: unknown) => T | undefined;
}

type Shape = Readonly<Record<string, JsonField<unknown>>>;

const text = field('a text', (value) => (typeof value === 'string' ? value : undefined));
const flag = field('true or false', (value) => (typeof value === 'boolean' ? value : undefined));
const count = numberThat('a count from 0 to 2³¹ − 1', isCount);
const total = numberThat('a sum of counts from 0', isTotal);
const dollars = numberThat('an amount in US dollars from 0', isAccountDollars);
const amount = numberThat(
  'an amount of tokens or of US dollars from 0',
  (value) => isTotal(value) || isAccountDollars(value),
);
const duration = numberThat('a duration in milliseconds, up to a year', isDuration);
const time = numberThat('a time in epoch milliseconds', isTime);
const code = oneOf('one of the codes of docs/errors.md', ERROR_CODES);
const outcome = oneOf<Outcome>('an outcome', ['success', 'error', 'cancelled']);
const source = oneOf<UsageSource>('a source', ['reported', 'estimated', 'unmeasured']);
const timer = oneOf('the name of a timer', [
  'queue',
  'connect',
  'headers',
  'first-token',
  'idle',
  'content-idle',
  'attempt',
  'deadline',
]);

const usage = record(
  'usage',
  { inputTokens: total, outputTokens: total, source } satisfies Partial<Record<keyof Usage, unknown>>,
  {
    cachedInputTokens: total,
    cacheWriteTokens: total,
    reasoningTokens: total,
    costUsd: dollars,
    estimatedCostUsd: dollars,
  } satisfies Partial<Record<keyof Usage, unknown>>,
);

const attempt = record(
  'an attempt',
  {
    attempt: count,
    provider: text,
    model: text,
    outcome,
    sent: flag,
    startedAt: time,
    latencyMs: duration,
    usage,
  } satisfies Partial<Record<keyof AttemptRecord, unknown>>,
  {
    errorCode: code,
    status: count,
    timeToFirstTokenMs: duration,
    responseId: text,
    credential: text,
  } satisfies Partial<Record<keyof AttemptRecord, unknown>>,
);

/**
 * The fields of an error that its JSON holds, beside its name, its message, its code and its causes. Nothing else is
 * written, so that what a program attaches to an error does not leave it.
 */
export const JSON_FIELDS = {
  retryable: flag,
  retryLimit: count,
  retryAt: time,
  neverSent: flag,
  affordableTokens: total,
  status: count,
  provider: text,
  model: text,
  generationId: text,
  labels: field('an object of texts', (value) =>
    isRecord(value) && Object.values(value).every((each) => typeof each === 'string')
      ? (value as Readonly<Record<string, string>>)
      : undefined,
  ),
  attempts: readableOf('a list of attempts', attempt),
  partial: record('{ text, usage, toolCallsOpen }', { text, usage, toolCallsOpen: flag }, {}),
  timer,
  scope: oneOf<BudgetScope>('the scope of a budget', ['generation', 'label', 'account', 'process', 'day']),
  labelValue: text,
  account: text,
  period: oneOf<NonNullable<BudgetDetails['period']>>('day, month or total', ['day', 'month', 'total']),
  unit: oneOf<BudgetDetails['unit']>('usd or tokens', ['usd', 'tokens']),
  limit: amount,
  spent: amount,
  reserved: amount,
  needed: amount,
  issues: listOf('a list of texts', text),
  problems: listOf('a list of texts', text),
} as const satisfies Shape;

function field<T>(description: string, read: JsonField<T>['read']): JsonField<T> {
  return { description, read };
}

/** @param kind what the number is, such as `a time` */
function numberThat(kind: string, isSound: (value: unknown) => boolean): JsonField<number> {
  return field(`a number. It is ${kind}`, (value) => (typeof value === 'number' && isSound(value) ? value : undefined));
}

function oneOf<const T extends string>(description: string, values: readonly T[]): JsonField<T> {
  return field(description, (value) => values.find((known) => known === value));
}

function listOf<T>(description: string, item: JsonField<T>): JsonField<readonly T[]> {
  return field(description, (value) => {
    if (!Array.isArray(value)) return undefined;
    const items = value.map((each) => item.read(each)).filter((each) => each !== undefined);
    return items.length === value.length ? items : undefined;
  });
}

/** Leaves out items that cannot be read: they must not cost the partial text. */
function readableOf<T>(description: string, item: JsonField<T>): JsonField<readonly T[]> {
  return field(description, (value) =>
    Array.isArray(value) ? value.map((each) => item.read(each)).filter((each) => each !== undefined) : undefined,
  );
}

/** Reads an object with its known fields. Unknown ones are dropped. */
function record(description: string, required: Shape, optional: Shape): JsonField<object> {
  return field(description, (value) => {
    if (!isRecord(value)) return undefined;
    const read: Record<string, unknown> = {};
    for (const [name, { read: readField }] of Object.entries({ ...required, ...optional })) {
      const given = value[name] ?? undefined;
      const result = given === undefined ? undefined : readField(given);
      if (result === undefined && (given !== undefined || Object.hasOwn(required, name))) return undefined;
      if (result !== undefined) read[name] = result;
    }
    return read;
  });
}

/** Whether a value is an object with fields, and not a list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
