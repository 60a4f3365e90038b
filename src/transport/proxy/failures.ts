import { reasonOf, toGenerationError } from '../../core/errors/classify.js';
import { GenerationError } from '../../core/errors/generation-error.js';
import type { HttpProxy } from '../../core/http-proxy.js';

/** The proxy cannot be reached, or does not speak HTTP: nothing was sent to the server. */
export function unreachableProxy(proxy: HttpProxy, error: Error): GenerationError {
  const { code, retryable, retryLimit } = toGenerationError(error);
  return new GenerationError(
    code,
    `Cannot connect by way of the proxy ${proxy.url}: ${reasonOf(error)}. Is it running, and an HTTP proxy? Check ${proxy.source}.`,
    { retryable, ...(retryLimit !== undefined && { retryLimit }), neverSent: true, cause: error },
  );
}

/** The proxy closed the connection before there was a tunnel. */
export function closedEarly(proxy: HttpProxy): GenerationError {
  return new GenerationError(
    'connection',
    `The proxy ${proxy.url} closed the connection without an answer. Is it an HTTP proxy? Check ${proxy.source}.`,
    { retryable: true, neverSent: true },
  );
}

/**
 * The failure of a request that a proxy refused to pass on; nothing reached the server. Refusals that may pass (408, 429,
 * 5xx) are retryable. The words of the proxy are left out, since it may repeat the password.
 * @param target `host:port` of the server
 */
export function refusedByProxy(proxy: HttpProxy, target: string, status: number): GenerationError {
  const isPassing = status === 408 || status === 429 || status >= 500;
  return new GenerationError(
    'connection',
    `The proxy ${proxy.url} refuses to connect to ${target} (${status}). ${remedy(proxy, status)}`,
    { retryable: isPassing, neverSent: true },
  );
}

function remedy({ authorization, source }: HttpProxy, status: number): string {
  if (status === 407 && authorization === undefined)
    return `It wants a user and a password: set ${source} to http://USER:PASSWORD@HOST:PORT.`;
  if (status === 407) return `Check the user and the password in ${source}.`;
  if (status >= 500) return 'It cannot reach the server. Check the base URL.';
  return `Check ${source}, or name the host in NO_PROXY if it can be reached directly.`;
}
