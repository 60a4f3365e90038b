import { GenerationError } from '../core/errors/generation-error.js';

/**
 * The error for a redirect. Redirects are never followed, because the key would go along. The message has the target
 * without its query.
 */
export function refuseRedirect(from: string, status: number, location: string | null): GenerationError {
  const target = resolve(location, from);
  const where = target === undefined ? 'without a usable Location' : `to ${target.origin}${target.pathname}`;
  const remedy =
    target?.origin === new URL(from).origin
      ? 'Correct the base URL.'
      : 'It was not followed, because the key would go to another server. Check the base URL.';
  return new GenerationError('redirect', `The server answered ${status}, a redirect ${where}. ${remedy}`, { status });
}

function resolve(location: string | null, base: string): URL | undefined {
  return location !== null && URL.canParse(location, base) ? new URL(location, base) : undefined;
}
