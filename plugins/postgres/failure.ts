import { RunError } from 'scriptorium/plugins/runs';
import type { RunErrorCode } from 'scriptorium/plugins/runs';
import type { Address } from './address.js';

type Place = Pick<Address, 'name' | 'what' | 'preparedBy'>;

/** The refusals by functions of the schema. */
const REFUSALS: Readonly<Record<string, RunErrorCode>> = {
  SR001: 'lease-lost',
  SR002: 'wrong-offset',
  SR003: 'unknown-run',
  SR004: 'ended-run',
  SR005: 'changed-spec',
};

/** What is wrong, by the beginning of the state or the code of an error, and the remedy, which may hold names of the place. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/^28/, 'Check the user and the password, and that the server admits them (pg_hba.conf, sslmode)'],
  [/^3D000/, 'Create the database, or name another one'],
  [/^(3F000|42P01|42883|42703)/, 'Prepare it with: {preparedBy}'],
  [/^42501/, "Give the user the rights to the {what}'s schema"],
  [/^53300/, 'Raise max_connections of the server, or run fewer workers'],
  [/^53[12]00/, 'Free space on the disk of the server, then try again'],
  [/^25006/, 'The server accepts no writes. Use the address of the primary server'],
  [/^57P0/, 'The server stops or starts. Wait until it is back'],
  [/^(40|55P03|57014)/, 'Others are in the way. Try again'],
  [/^(ECONNREFUSED|ENOENT)/, 'Check that PostgreSQL runs there, and the host and the port'],
  [/^(ENOTFOUND|EAI_AGAIN)/, 'Check the name of the host'],
  [/^(E[A-Z]+|08)/, 'Check the network between this machine and the server'],
];

/** Messages of the driver for a lost connection, which have no code. */
const LOST = /terminated|timeout|ended by|not queryable|Connection ended|SSL/i;

/**
 * Turns an error of the driver or the server into a refusal by the journal, with the remedy. Mistakes in a program stay as they
 * are, since trying again would not help.
 */
export function toRunError(error: unknown, { name, what, preparedBy }: Place): unknown {
  if (!isError(error) || RunError.is(error)) return error;
  const code = codeOf(error);
  const refusal = REFUSALS[code];
  if (refusal !== undefined) return new RunError(refusal, error.message);
  const known = REMEDIES.find(([pattern]) => pattern.test(code))?.[1];
  const remedy = known?.replace('{preparedBy}', preparedBy).replace('{what}', what);
  if (remedy === undefined && !(code === '' && LOST.test(error.message)) && !/^(XX|5|08)/.test(code)) return error;
  const hint = remedy ?? 'Check the network between this machine and the server';
  return new RunError('unavailable', `The ${what} ${name} is not available: ${reasonOf(error)}. ${hint}.`, {
    cause: error,
  });
}

/** Whether a statement was undone because of others, so that it may be sent again at once. */
export function isConflict(error: unknown): boolean {
  return isError(error) && /^40(001|P01)$/.test(codeOf(error));
}

/** Whether a server has answered with an error, so that its connection can be used again. */
export function isAnswer(error: unknown): boolean {
  return isError(error) && 'severity' in error && error.severity === 'ERROR';
}

/** Errors of Node itself are no instances of `Error` where a program runs in a context of its own. */
function isError(error: unknown): error is { readonly message: string } {
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';
}

function codeOf(error: { readonly message: string }): string {
  const first = firstOf(error);
  return 'code' in first && typeof first.code === 'string' ? first.code : '';
}

function reasonOf(error: { readonly message: string }): string {
  return firstOf(error).message.replace(/\.$/, '');
}

/** Node gathers the errors of several addresses of a host. */
function firstOf(error: { readonly message: string }): { readonly message: string } {
  const [first] = 'errors' in error && Array.isArray(error.errors) ? (error.errors as readonly unknown[]) : [];
  return isError(first) ? first : error;
}
