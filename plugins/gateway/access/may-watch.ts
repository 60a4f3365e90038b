import { GenerationError } from 'scriptorium';
import type { Client } from './client.js';

/** Whether a client may see the work of all keys. */
export function mayWatch({ policy }: Client): boolean {
  return policy.watch === true;
}

/** @throws GenerationError `permission` (403) for a client that may not see the work of all keys */
export function checkMayWatch(client: Client): void {
  if (mayWatch(client)) return;
  throw new GenerationError(
    'permission',
    `The policy of "${client.name}" does not allow this, since it shows the work of all keys. Set watch to true in that policy to allow it.`,
    { status: 403 },
  );
}
