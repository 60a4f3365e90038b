import type { DependencyContainer, InjectionToken } from './container.js';

/** All registrations of a list token; none is no error. */
export function resolveList<T>(container: DependencyContainer, token: InjectionToken<T>): readonly T[] {
  return container.isRegistered(token) ? container.resolveAll(token) : [];
}
