import { createRequire } from 'node:module';

const vm = createRequire(import.meta.url)('node:vm');
const compiled = new Map();

// What V8 has kept forgets who answers a dynamic import.
const canBeKept = (source) => !source.includes('import(');

/**
 * Lets a worker keep what V8 made of a module's source: Jest compiles every module anew in every suite, and that is
 * two fifths of what it takes to load the package.
 */
export function compileOnce() {
  const { SourceTextModule, compileFunction } = vm;

  vm.SourceTextModule = function (source, options) {
    const cachedData = compiled.get(source);
    if (cachedData !== undefined) {
      try {
        return new SourceTextModule(source, { ...options, cachedData });
      } catch {
        // V8 takes nothing that it made under other flags, and some suites set flags.
        compiled.clear();
      }
    }
    const made = new SourceTextModule(source, options);
    if (canBeKept(source)) compiled.set(source, made.createCachedData());
    return made;
  };
  vm.SourceTextModule.prototype = SourceTextModule.prototype;

  vm.compileFunction = (source, parameters, options) => {
    const cachedData = compiled.get(source);
    const produceCachedData = canBeKept(source) && cachedData === undefined;
    const made = compileFunction(source, parameters, { ...options, cachedData, produceCachedData });
    if (produceCachedData) compiled.set(source, made.cachedData);
    if (made.cachedDataRejected) compiled.clear();
    return made;
  };
}
