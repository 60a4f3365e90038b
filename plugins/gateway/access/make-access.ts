import type { Access } from './access.js';
import type { Policy } from './policy.js';

/** The access of a gateway without keys: every request is `local`. */
export function makeAccess(policy: Policy): Access {
  const client = { name: 'local', policy, signal: new AbortController().signal };
  return {
    clientOf: () => client,
    inputOf: (input) => input,
    hasKeys: () => Promise.resolve(false),
    admit: () => Promise.resolve({ generationUsd: undefined, release: () => undefined }),
    close: () => undefined,
  };
}
