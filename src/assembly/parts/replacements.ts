import { ConfigError } from '../../core/errors/classes.js';
import type { InjectionToken } from '../container.js';
import { shownToken } from './shown-token.js';

/** The replacer that stands for `createPipeline({ register })`. */
export const PROGRAM = 'createPipeline';

/** The replacers of parts, by token. */
export class Replacements {
  private readonly by = new Map<InjectionToken<unknown>, string>();

  /**
   * @param by `plugin "x"`, or `createPipeline`
   * @throws ConfigError if the part is replaced already
   */
  add(token: InjectionToken<unknown>, by: string): void {
    const other = this.by.get(token);
    if (other === by)
      throw new ConfigError(`${capitalized(by)} replaces ${shownToken(token)} twice. Remove one of the calls.`);
    if (other !== undefined)
      throw new ConfigError(`Both ${other} and ${by} replace ${shownToken(token)}. Leave out one of the plugins.`);
    this.by.set(token, by);
  }

  /** `plugin "x"` or `createPipeline`; undefined for the built-in part. */
  of(token: InjectionToken<unknown>): string | undefined {
    return this.by.get(token);
  }
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
