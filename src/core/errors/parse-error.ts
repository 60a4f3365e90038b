import { ERROR_CODES } from './codes.js';
import type { ErrorCode } from './codes.js';
import { MOST_CAUSES } from './error-to-json.js';
import { isRecord, JSON_FIELDS } from './json-fields.js';

/** An error as its JSON describes it. */
export interface ParsedError {
  readonly name: string | undefined;
  readonly message: string;
  readonly code: ErrorCode;
  /** The values of `JSON_FIELDS`, checked. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly cause: ParsedError | Error | undefined;
  readonly routeFailures: readonly ParsedError[] | undefined;
}

/**
 * Parses the JSON of an error. Unknown fields are ignored, and null counts as left out.
 * @param fail called with the problem
 */
export function parseError(json: unknown, fail: (problem: string) => never, depth = 0): ParsedError {
  if (!isRecord(json)) return fail('The value is not an object.');
  const { name, message } = json;
  const code = ERROR_CODES.find((known) => known === json.code);
  if (code === undefined) {
    const given = typeof json.code === 'string' ? ` is ${JSON.stringify(json.code)}, but` : '';
    return fail(`"code"${given} must be one of the codes of docs/errors.md.`);
  }
  if (typeof message !== 'string') return fail('"message" must be a text.');
  const isDeep = depth >= MOST_CAUSES;
  return {
    name: typeof name === 'string' ? name : undefined,
    message,
    code,
    fields: parseFields(json, fail),
    cause: isDeep ? undefined : parseCause(json.cause, fail, depth + 1),
    routeFailures: isDeep ? undefined : parseRouteFailures(json.routeFailures, fail, depth + 1),
  };
}

function parseFields(json: Readonly<Record<string, unknown>>, fail: (problem: string) => never) {
  const fields: Record<string, unknown> = {};
  for (const [name, { description, read }] of Object.entries(JSON_FIELDS)) {
    const value = json[name] ?? undefined;
    if (value === undefined) continue;
    const result = read(value);
    if (result === undefined) return fail(`"${name}" must be ${description}.`);
    fields[name] = result;
  }
  return fields;
}

/** An error of this package says whether it is retryable. Any other cause is a foreign error. */
function parseCause(cause: unknown, fail: (problem: string) => never, depth: number): ParsedError['cause'] {
  if (cause === undefined || cause === null) return undefined;
  if (!isRecord(cause) || typeof cause.message !== 'string') return fail('"cause" must be { name, message }.');
  const isOurs = typeof cause.retryable === 'boolean' && ERROR_CODES.some((known) => known === cause.code);
  if (isOurs) return parseError(cause, fail, depth);
  const error = new Error(cause.message);
  if (typeof cause.name === 'string') error.name = cause.name;
  return typeof cause.code === 'string' ? Object.assign(error, { code: cause.code }) : error;
}

function parseRouteFailures(
  failures: unknown,
  fail: (problem: string) => never,
  depth: number,
): ParsedError['routeFailures'] {
  if (failures === undefined || failures === null) return undefined;
  if (!Array.isArray(failures)) return fail('"routeFailures" must be a list of errors.');
  return failures.map((failure: unknown) => parseError(failure, fail, depth));
}
