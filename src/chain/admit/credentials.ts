import type { Clock } from '../../core/clock.js';
import type { LimitKey } from '../../core/provider.js';
import type { GenerationRequest } from '../../core/request.js';
import type { RateLimitSettings } from '../../core/settings.js';
import { CredentialChoice } from './credential-choice.js';
import type { Refusals } from './credential-choice.js';
import { CredentialPool } from './credential-pool.js';
import { effectiveKeys } from './rate-limit.js';

/** Dependencies of `Credentials`. */
export interface CredentialsParts {
  readonly clock: Clock;
  readonly rateLimit: RateLimitSettings;
  readonly limitKeys: (request: GenerationRequest) => readonly LimitKey[];
  readonly credentialsOf?: (provider: string) => readonly string[];
}

/** The credential pools of a pipeline, by provider. */
export class Credentials {
  private readonly pools = new Map<string, CredentialPool>();

  constructor(private readonly parts: CredentialsParts) {}

  /** Chooses a credential for an attempt; undefined if its provider has only one. */
  choiceFor(request: GenerationRequest, refusals: Refusals): CredentialChoice | undefined {
    const { clock, rateLimit, limitKeys, credentialsOf } = this.parts;
    const names = credentialsOf?.(request.provider);
    if (names === undefined || names.length < 2) return undefined;
    const pool = this.pools.get(request.provider) ?? new CredentialPool(request.provider, names);
    this.pools.set(request.provider, pool);
    const keysOf = (each: GenerationRequest) => effectiveKeys(rateLimit, limitKeys(each));
    return new CredentialChoice({ pool, clock, refusals, keysOf }, request);
  }
}
