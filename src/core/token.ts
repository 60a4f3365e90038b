/**
 * The name of a replaceable part of type `T` in the container. `tokens` lists those of the pipeline. It is the type of
 * tsyringe's tokens, without its library.
 */
export type Token<T> =
  | string
  | symbol
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a constructor of unknown dependencies, as tsyringe types it
  | (new (...dependencies: any[]) => T)
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  | { createProxy(create: (constructor: new (...dependencies: any[]) => T) => T): T };
