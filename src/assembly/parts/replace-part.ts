import { ConfigError } from '../../core/errors/classes.js';
import { isOwnToken } from '../container.js';
import type { DependencyContainer, InjectionToken } from '../container.js';
import { BUILT_IN_INTERCEPTORS, PARTS, REPLACEMENTS } from '../internal-tokens.js';
import { LOGGER } from '../tokens.js';
import { checkPart } from './check-part.js';
import { checkPort, PORTS } from './ports.js';
import type { PortName } from './ports.js';
import { PROGRAM } from './replacements.js';
import { shownToken } from './shown-token.js';

/** A replacement of a part by a plugin. */
export interface Replacement<T> {
  readonly token: InjectionToken<T>;
  readonly part: T;
  /** `plugin "x"`. */
  readonly by: string;
}

/**
 * Replaces a port or a built-in interceptor, or offers a part to another plugin, under its global symbol. A part that the program itself registered stays.
 * @throws ConfigError for another token, a part of the wrong shape, or a second replacement
 */
export function replacePart<T>(container: DependencyContainer, { token, part, by }: Replacement<T>): void {
  const replacements = container.resolve(REPLACEMENTS);
  const name = portOf(token);
  if (name !== undefined) checkPort(PORTS[name], part, by);
  else if (isOfPlugins(token)) checkPart(part, { methods: [] }, `The part ${shownToken(token)} of ${by}`);
  else if (!BUILT_IN_INTERCEPTORS.some((builtIn) => builtIn === token))
    throw new ConfigError(
      `${shownToken(token)} cannot be replaced by a plugin. A plugin may replace ${Object.values(PORTS)
        .map(({ tokenName }) => tokenName)
        .join(', ')} and the built-in interceptors; a program can register anything: createPipeline({ register }).`,
    );
  else checkPart(part, INTERCEPTOR_SHAPE, `The replacement of ${shownToken(token)} by ${by}`);
  if (replacements.of(token) === PROGRAM) {
    container.resolve(LOGGER).info(`${by} does not replace ${shownToken(token)}: the program registered its own.`);
    return;
  }
  replacements.add(token, by);
  container.register<T>(token, { useValue: part });
}

const INTERCEPTOR_SHAPE = { texts: ['name', 'phase'], methods: ['intercept'] };

/** Resolves a part, behind its fence if it has one. */
export function resolvePart<T>(container: DependencyContainer, token: InjectionToken<T>): T {
  const name = portOf(token);
  return name === undefined ? container.resolve(token) : (container.resolve(PARTS)[name] as T);
}

/** The replacement of a part, without its fence; undefined where the built-in part is in use. */
export function replacementOf<T>(container: DependencyContainer, token: InjectionToken<T>): T | undefined {
  return container.resolve(REPLACEMENTS).of(token) === undefined ? undefined : container.resolve(token);
}

function isOfPlugins(token: unknown): boolean {
  return typeof token === 'symbol' && Symbol.keyFor(token) !== undefined && !isOwnToken(token);
}

function portOf(token: InjectionToken<unknown>): PortName | undefined {
  return (Object.keys(PORTS) as PortName[]).find((name) => PORTS[name].token === token);
}
