import { createHash } from 'node:crypto';
import type { Job } from './call.js';

/** The identity of a request among those of a gateway. */
export interface Identity {
  /** Equal for requests that may share a generation: by client and `Idempotency-Key`, or by client, path and body. */
  readonly key: string;
  /** Equal for requests that ask for the same. */
  readonly content: string;
}

/**
 * Identifies a request. Headers may change its input, so that all of the input belongs to its content, but for what comes from
 * the body alone.
 */
export function identityOf({ client, idempotencyKey, path, body, isStream, input }: Job): Identity {
  const {
    messages: _messages,
    prompt: _prompt,
    tools: _tools,
    context: _context,
    signal: _signal,
    ...parameters
  } = input;
  const content = digest([path, body, isStream, parameters]);
  return { key: digest([client.name, idempotencyKey ?? null, idempotencyKey === undefined ? content : null]), content };
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64');
}
