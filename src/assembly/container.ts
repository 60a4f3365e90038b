// The only door to tsyringe: the polyfill must come first, or tsyringe throws.
import 'reflect-metadata';
import { container as rootContainer, instancePerContainerCachingFactory } from 'tsyringe';
import type { DependencyContainer, InjectionToken } from 'tsyringe';

export { container as rootContainer, inject, injectable } from 'tsyringe';
export type { DependencyContainer, InjectionToken } from 'tsyringe';

/**
 * Creates a container for an application's own services. Given to `createPipeline({ container })`, it becomes the parent
 * of the pipeline's container: classes of interceptors get the services by `@inject`. The application disposes of it.
 * @example
 * const container = createContainer();
 * container.registerInstance(WordList, new WordList(['the']));
 * const pipeline = await createPipeline({ plugins: [openrouter()], interceptors: [Moderation], container });
 * @see docs/interceptors.md
 */
export function createContainer(): DependencyContainer {
  return rootContainer.createChildContainer();
}

const PREFIX = 'scriptorium.token.';

/** Creates the token of a part. Other copies of this package have the same. */
export function token<T>(description: string): InjectionToken<T> {
  return Symbol.for(PREFIX + description);
}

/** Whether a token is one of this package. */
export function isOwnToken(token: unknown): boolean {
  return typeof token === 'symbol' && Symbol.keyFor(token)?.startsWith(PREFIX) === true;
}

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
