import { JSON_FIELDS } from './json-fields.js';

/** Causes of causes are written and read to this depth. */
export const MOST_CAUSES = 8;

/** An error of this package as `errorToJson` sees it. */
interface WritableError extends Error {
  readonly code: string;
  readonly routeFailures?: readonly WritableError[];
}

/**
 * Writes an error as JSON: its known fields, and its causes to a bounded depth. Of a foreign cause it writes the name,
 * the message and the code; a cause that is not an error is left out. It never writes a stack.
 * @param isOurs whether a cause is an error of this package
 */
export function errorToJson(
  error: WritableError,
  isOurs: (cause: unknown) => cause is WritableError,
): Record<string, unknown> {
  const write = (each: WritableError, depth: number): Record<string, unknown> => {
    const { name, message, code, cause } = each;
    const shownCause = depth === MOST_CAUSES ? undefined : writeCause(cause, depth + 1);
    return { name, message, code, ...knownFields(each), ...(shownCause !== undefined && { cause: shownCause }) };
  };
  const writeCause = (cause: unknown, depth: number): Record<string, unknown> | undefined => {
    if (isOurs(cause)) return withRoutes(cause, depth);
    return cause instanceof Error ? foreignCause(cause) : undefined;
  };
  const withRoutes = (each: WritableError, depth: number): Record<string, unknown> => {
    const { routeFailures } = each;
    if (routeFailures === undefined || depth === MOST_CAUSES) return write(each, depth);
    // The last of them is this error itself, so theirs are not written.
    return { ...write(each, depth), routeFailures: routeFailures.map((failure) => write(failure, depth + 1)) };
  };
  return withRoutes(error, 0);
}

function knownFields(error: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(JSON_FIELDS)
      .map((name) => [name, (error as Readonly<Record<string, unknown>>)[name]] as const)
      .filter(([, value]) => value !== undefined),
  );
}

function foreignCause(cause: Error): Record<string, unknown> {
  const { name, message } = cause;
  return { name, message, ...('code' in cause && typeof cause.code === 'string' && { code: cause.code }) };
}
