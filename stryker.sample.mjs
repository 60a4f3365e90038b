import { createHash } from 'node:crypto';
import { CheckStatus } from '@stryker-mutator/api/check';
import { PluginKind, declareClassPlugin } from '@stryker-mutator/api/plugin';

/**
 * Draws the mutants to test: as many as `MUTANTS` says, 150 by default, or `all`. The order depends on the seed (`SEED`,
 * 1 by default) and the mutants alone. It is the same on every machine, and a smaller sample is the beginning of a larger
 * one.
 */
const SEED = Number(process.env.SEED ?? 1);

class SampleChecker {
  #drawn = new Set();

  async init() {}

  /** Stryker passes all mutants at once. */
  async group(mutants) {
    const count = process.env.MUTANTS === 'all' ? Infinity : Number(process.env.MUTANTS ?? 150);
    const inOrder = mutants.map((mutant) => ({ id: mutant.id, key: keyOf(mutant) })).sort(byKey);
    this.#drawn = new Set(inOrder.slice(0, count).map(({ id }) => id));
    return [mutants.map(({ id }) => id)];
  }

  /** Stryker leaves mutants with a compile error out of the score. */
  async check(mutants) {
    const left = { status: CheckStatus.CompileError, reason: 'not in the sample' };
    const drawn = { status: CheckStatus.Passed };
    return Object.fromEntries(mutants.map(({ id }) => [id, this.#drawn.has(id) ? drawn : left]));
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Checker, 'sample', SampleChecker)];

function keyOf({ fileName, location, mutatorName, replacement }) {
  const file = fileName.slice(fileName.lastIndexOf('/src/'));
  return createHash('sha256')
    .update(JSON.stringify([SEED, file, location, mutatorName, replacement]))
    .digest('hex');
}

function byKey(a, b) {
  return a.key < b.key ? -1 : 1;
}
