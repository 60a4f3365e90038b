import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const asyncHooks = require('node:async_hooks');
const { default: runTests } = require('jest-circus/runner');

/** Holds one value at a time: that of the test or hook which has begun last. */
class LatestContext {
  #value;

  run(value, callback) {
    const before = this.#value;
    const restore = () => (this.#value = before);
    this.#value = value;
    let result;
    try {
      result = callback();
    } catch (error) {
      restore();
      throw error;
    }
    if (typeof result?.then !== 'function') restore();
    else result.then(restore, restore);
    return result;
  }

  getStore() {
    return this.#value;
  }
}

/**
 * A Jest test runner: jest-circus without its `AsyncLocalStorage`. In Node 20 one that is in use makes every promise of
 * the process dearer, and the whole suite takes a fifth longer. Jest notes in it to which test an unhandled rejection
 * belongs. Here that is the test that runs, or the one that began last where tests run concurrently.
 */
export default function jestCircusRunner(globalConfig, config, environment, runtime, ...rest) {
  // Since Node 24 the property cannot be set, nor does it need to be: promises are no dearer there.
  if (!Object.getOwnPropertyDescriptor(asyncHooks, 'AsyncLocalStorage').writable)
    return runTests(globalConfig, config, environment, runtime, ...rest);
  const load = runtime.requireInternalModule.bind(runtime);
  runtime.requireInternalModule = (...path) => {
    const { AsyncLocalStorage } = asyncHooks;
    asyncHooks.AsyncLocalStorage = LatestContext;
    try {
      return load(...path);
    } finally {
      asyncHooks.AsyncLocalStorage = AsyncLocalStorage;
    }
  };
  return runTests(globalConfig, config, environment, runtime, ...rest);
}
