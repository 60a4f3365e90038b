import { createRequire } from 'node:module';
import { compileOnce } from './compile-once.mjs';

const require = createRequire(import.meta.url);
const vm = require('node:vm');
const { TestEnvironment: NodeEnvironment } = require('jest-environment-node');

compileOnce();

/**
 * Jest's environment for Node, with an ordinary global object. Jest's own asks an interceptor and a proxy for each
 * `Map`, `Math` or `undefined` that a program names, which takes some 20 times as long as in a program that Node runs.
 */
export default class PlainGlobalsEnvironment extends NodeEnvironment {
  constructor(config, context) {
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
    // Jest's 100 frames make each error that a test expects several times dearer.
    this.global.Error.stackTraceLimit = 20;
  }
}
