import { describeValue } from './util/describe-value.js';
import type { FinishReason, GenerationEvent, TextDelta } from './events.js';
import type { Usage } from './usage.js';

/** Checks one value. */
type Check = (value: unknown) => boolean;

/** The checks of an event's fields, by name. A field without one may have any value. */
type Shape<E> = { readonly [Field in Exclude<keyof E, 'type'>]?: Check };

const isString: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const isOneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const USAGE: Shape<Usage> = {
  inputTokens: isNumber,
  outputTokens: isNumber,
  source: isOneOf('reported', 'estimated', 'unmeasured', 'rejected'),
};

/** Whether a value is a usage. Its numbers may still be impossible ones. */
export function isUsage(value: unknown): value is Usage {
  return isObject(value) && wrongField(value, USAGE) === undefined;
}

const FINISH_REASONS: readonly FinishReason['unified'][] = ['stop', 'length', 'content-filter', 'tool-calls', 'other'];
const isUnified = isOneOf(...FINISH_REASONS);
const isFinishReason: Check = (value) =>
  isObject(value) && isUnified(value.unified) && (value.raw === null || isString(value.raw));

/** Every type of event with the fields that the pipeline relies on. */
const SHAPES: { readonly [T in GenerationEvent['type']]: Shape<Extract<GenerationEvent, { readonly type: T }>> } = {
  'attempt-start': { attempt: isNumber, provider: isString, model: isString },
  'response-metadata': { responseId: optional(isString), usage: optional(isUsage), answeredBy: optional(isString) },
  'retry-scheduled': { attempt: isNumber, delayMs: isNumber, reason: isString },
  waiting: { for: isString, untilMs: optional(isNumber) },
  warning: { message: isString, about: optional(isString) },
  'route-chosen': { strategy: isString, chosen: isObject, reason: isString, considered: Array.isArray },
  custom: { name: isString },
  'text-delta': { delta: isString },
  'reasoning-delta': { delta: isString },
  'reasoning-details': { details: Array.isArray },
  'tool-call': { index: isNumber, id: isString, name: isString, arguments: isString },
  annotation: { annotation: isObject },
  image: { url: isString },
  continuation: { segment: isNumber, reason: isString, provider: isString, model: isString },
  restart: { reason: isString },
  'generation-end': {
    finishReason: isFinishReason,
    usage: isUsage,
    servedFrom: isOneOf('provider', 'cache'),
    provider: isString,
    model: isString,
    responseId: optional(isString),
    providerMetadata: optional(isObject),
  },
};

/** Whether a value is a piece of text: the shortest way to tell for the most frequent event. */
export function isText(event: unknown): event is TextDelta {
  const { type, delta } = (event ?? {}) as Partial<TextDelta>;
  return type === 'text-delta' && typeof delta === 'string';
}

/**
 * Describes in which way a value is not an event: `null`, `a "generation-end" without a valid "usage"`. Returns
 * undefined if it is one.
 */
export function malformation(event: unknown): string | undefined {
  if (!isObject(event)) return describeValue(event);
  const { type } = event;
  if (!isEventType(type)) return `an event of the unknown type ${describeValue(type)}`;
  const field = wrongField(event, SHAPES[type]);
  return field === undefined ? undefined : `a "${type}" without a valid "${field}"`;
}

function isEventType(type: unknown): type is GenerationEvent['type'] {
  return typeof type === 'string' && Object.hasOwn(SHAPES, type);
}

function wrongField(
  value: Readonly<Record<string, unknown>>,
  shape: Readonly<Record<string, Check | undefined>>,
): string | undefined {
  // Faster than `Object.keys`, and this runs several times a call.
  for (const field in shape) if (shape[field]?.(value[field]) === false) return field;
  return undefined;
}
