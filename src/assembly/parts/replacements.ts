import { ConfigError } from '../../core/errors/classes.js';
import type { InjectionToken } from '../container.js';
import { shownToken } from './shown-token.js';

/** The replacer that stands for `createPipeline({ register })`. */
export const PROGRAM = 'createPipeline';

/** Who replaced the part of a token. */
export class Replacements {
  private readonly by = new Map<InjectionToken<unknown>, string>();

  /** @throws ConfigError if another plugin has replaced the part */
  add(token: InjectionToken<unknown>, by: string): void {
    const other = this.by.get(token);
    if (other !== undefined)
      throw new ConfigError(`${shownToken(token)} is replaced by ${other} already. Leave out one of the two.`);
    this.by.set(token, by);
  }

  /** `plugin "x"` or `createPipeline`; undefined for the built-in part. */
  of(token: InjectionToken<unknown>): string | undefined {
    return this.by.get(token);
  }
}
