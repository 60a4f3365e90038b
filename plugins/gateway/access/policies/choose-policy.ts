import { GenerationError } from 'scriptorium';
import type { Asked } from '../access.js';
import type { Policy } from '../policy.js';
import { overPolicy } from './over-policy.js';
import { headerOf } from './read-headers.js';
import { widenings } from './widenings.js';

/** The policies of a gateway. */
export interface Policies {
  /** The policy of requests without a key, and the defaults of all others. */
  readonly usual: Policy;
  readonly named: Readonly<Record<string, Policy>>;
}

/** The policy of a key. @throws GenerationError `permission` if it is not configured any more */
export function policyOfKey(
  { usual, named }: Policies,
  key: { readonly name: string; readonly policy?: string },
): Policy {
  if (key.policy === undefined) return usual;
  if (Object.hasOwn(named, key.policy)) return overPolicy(usual, named[key.policy] ?? {});
  throw new GenerationError(
    'permission',
    `The key "${key.name}" has the policy "${key.policy}", which this gateway does not know. Configure it under policies.`,
    { status: 403 },
  );
}

/** The name of the policy that a request chooses, by a header or in its base URL; undefined if it chooses none. */
export function chosenPolicy({ headers, inUrl }: Asked): ChosenPolicy | undefined {
  const inHeader = headerOf(headers, 'x-scriptorium-policy');
  if (inHeader !== undefined) return { name: inHeader, place: 'The header x-scriptorium-policy' };
  const { policy } = inUrl;
  return policy === undefined ? undefined : { name: policy, place: 'The base URL' };
}

/** The name of a policy, and where a request names it. */
export interface ChosenPolicy {
  readonly name: string;
  readonly place: string;
}

/**
 * The policy of a request that chooses one by name.
 * @param own the policy of its key; undefined where no key is needed, so that every policy may be chosen
 * @throws GenerationError `invalid-input` for an unknown policy, and for one that allows more than the key's
 */
export function applyChosen(
  { usual, named }: Policies,
  { name, place }: ChosenPolicy,
  own: Policy | undefined,
): Policy {
  const chosen = Object.hasOwn(named, name) ? named[name] : undefined;
  if (chosen === undefined)
    throw new GenerationError(
      'invalid-input',
      `${place} names the policy "${name}", which this gateway does not know.`,
    );
  if (own === undefined) return overPolicy(usual, chosen);
  const wider = widenings(chosen, own);
  if (wider.length > 0)
    throw new GenerationError(
      'invalid-input',
      `${place} names the policy "${name}", which would allow more than the key does: ${wider.join(', ')}. Choose a policy that narrows the key's.`,
    );
  return overPolicy(own, chosen);
}
