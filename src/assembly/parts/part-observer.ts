import type { ReplaceableParts } from './replaceable-parts.js';

/** The parts that issue leases. */
type Issuers = Pick<ReplaceableParts, 'limits' | 'breakers' | 'slots' | 'spending'>;

/** Sees the parts that issue leases before they are fenced, and may put others in their place. */
export type PartObserver = { readonly [Name in keyof Issuers]: (part: Issuers[Name]) => Issuers[Name] };
