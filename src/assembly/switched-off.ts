import type { PipelineConfig } from '../config/base-schema.js';
import type { DependencyContainer, InjectionToken } from './container.js';
import { CACHE_INTERCEPTOR, LOGGER, LOGGING_INTERCEPTOR } from './tokens.js';

/** A built-in interceptor that the configuration alone can switch off, with the parts that make it useful all the same. */
interface Switch {
  readonly name: string;
  readonly isOff: (config: PipelineConfig) => boolean;
  /** If the program registered one of these, the interceptor stays in the chain. */
  readonly unlessReplaced: readonly InjectionToken<unknown>[];
}

const SWITCHES: readonly Switch[] = [
  {
    name: 'logging',
    isOff: ({ logging }) => logging.level === 'silent',
    unlessReplaced: [LOGGING_INTERCEPTOR, LOGGER],
  },
  { name: 'cache', isOff: ({ cache }) => !cache.enabled, unlessReplaced: [CACHE_INTERCEPTOR] },
];

/**
 * Names the built-in interceptors that have nothing to do: they are left out of the chain. Those that a single request can
 * switch on stay in it, and pass other requests straight on. Call it before the defaults are registered.
 */
export function switchedOff(config: PipelineConfig, container: DependencyContainer): ReadonlySet<string> {
  const isReplaced = (token: InjectionToken<unknown>): boolean => container.isRegistered(token);
  return new Set(
    SWITCHES.filter(({ isOff, unlessReplaced }) => isOff(config) && !unlessReplaced.some(isReplaced)).map(
      ({ name }) => name,
    ),
  );
}
