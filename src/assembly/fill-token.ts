import { instancePerContainerCachingFactory } from './container.js';
import type { DependencyContainer, InjectionToken } from './container.js';

export type Fill = <T>(token: InjectionToken<T>, make: (container: DependencyContainer) => T) => void;

/** Registers a part under a token that nobody has registered yet; it is made once, when it is first asked for. */
export function fillToken(container: DependencyContainer): Fill {
  return (token, make) => {
    if (!container.isRegistered(token)) container.register(token, { useFactory: instancePerContainerCachingFactory(make) });
  };
}
