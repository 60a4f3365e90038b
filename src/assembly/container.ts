// The only door to tsyringe: the polyfill must come first, or tsyringe throws.
import 'reflect-metadata';

export { container as rootContainer, inject, injectable, instancePerContainerCachingFactory } from 'tsyringe';
export type { DependencyContainer, InjectionToken } from 'tsyringe';
