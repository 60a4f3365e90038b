import type { Policy } from '../policy.js';

/** A policy with another one's values where it has none. Sections and maps are merged by their keys. */
export function overPolicy(base: Policy, own: Policy): Policy {
  return {
    ...base,
    ...own,
    ...merged('aliases', base, own),
    ...merged('labels', base, own),
    ...merged('budget', base, own),
    ...merged('limits', base, own),
    ...merged('continuity', base, own),
  };
}

type Merged = 'aliases' | 'labels' | 'budget' | 'limits' | 'continuity';

function merged<K extends Merged>(key: K, base: Policy, own: Policy): Pick<Policy, K> | object {
  return base[key] === undefined && own[key] === undefined ? {} : { [key]: { ...base[key], ...own[key] } };
}
