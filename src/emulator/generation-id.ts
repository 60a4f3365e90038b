import { randomBytes } from 'node:crypto';

/** A new id in the form of OpenRouter's: the time in seconds, and letters and digits that no other generation has. */
export function generationId(): string {
  return `gen-${Math.floor(Date.now() / 1000)}-${randomBytes(15).toString('base64url').replaceAll(/[-_]/g, '0')}`;
}
