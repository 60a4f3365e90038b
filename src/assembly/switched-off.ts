import type { PipelineConfig } from '../config/base-schema.js';
import type { DependencyContainer } from './container.js';
import { LOGGER, LOGGING_INTERCEPTOR } from './tokens.js';

/**
 * Names the built-in interceptors that have nothing to do: they are left out of the chain. Those that a single request can
 * switch on (`cache`) stay in it, and pass other requests straight on. Call it before the defaults are registered.
 */
export function switchedOff(config: PipelineConfig, container: DependencyContainer): ReadonlySet<string> {
  const isSilent = config.logging.level === 'silent';
  const isReplaced = container.isRegistered(LOGGER) || container.isRegistered(LOGGING_INTERCEPTOR);
  return new Set(isSilent && !isReplaced ? ['logging'] : []);
}
