// The only door to tsyringe: the polyfill must come first, or tsyringe throws.
import 'reflect-metadata';
import { instancePerContainerCachingFactory } from 'tsyringe';
import type { DependencyContainer, InjectionToken } from 'tsyringe';

export { container as rootContainer, inject, injectable } from 'tsyringe';
export type { DependencyContainer, InjectionToken } from 'tsyringe';

export type Fill = <T>(token: InjectionToken<T>, make: (container: DependencyContainer) => T) => void;

/** Registers a part under a token that is still free. The part is made once, when it is first resolved. */
export function fillToken(container: DependencyContainer): Fill {
  return (token, make) => {
    if (!container.isRegistered(token))
      container.register(token, { useFactory: instancePerContainerCachingFactory(make) });
  };
}

/** Resolves all registrations of a list token; an empty list if there are none. */
export function resolveList<T>(container: DependencyContainer, token: InjectionToken<T>): readonly T[] {
  return container.isRegistered(token) ? container.resolveAll(token) : [];
}
