import type { GenerationError } from '../../core/errors/generation-error.js';

/** A credential of a pool, by what this pipeline has done with it. */
export interface PooledCredential {
  readonly name: string;
  /** Attempts under way, and those that wait for it. */
  uses: number;
  /** All attempts so far. */
  total: number;
  /** Epoch milliseconds until which it is left out; Infinity until the pipeline ends. */
  outUntil: number;
}

/** The credentials of one provider. All attempts of a pipeline share them. */
export class CredentialPool {
  readonly all: readonly PooledCredential[];

  constructor(
    private readonly provider: string,
    names: readonly string[],
  ) {
    this.all = names.map((name) => ({ name, uses: 0, total: 0, outUntil: 0 }));
  }

  /** Those that are not left out. @param now epoch milliseconds */
  open(now: number): readonly PooledCredential[] {
    return this.all.filter(({ outUntil }) => outUntil <= now);
  }

  /**
   * Leaves a credential out until the server's reset, or else until the pipeline ends.
   * @returns the warning; none if it is left out already
   */
  leaveOut(credential: PooledCredential, { retryAt, message }: GenerationError, now: number): readonly string[] {
    if (credential.outUntil > now) return [];
    credential.outUntil = retryAt ?? Infinity;
    const until = retryAt === undefined ? '' : ` until ${new Date(retryAt).toISOString()}`;
    const left = `${this.open(now).length} of ${this.all.length} are left`;
    return [`The credential ${credential.name} of "${this.provider}" is left out${until}; ${left}: ${message}`];
  }
}
