import { describe, it } from '@jest/globals';
import { simulate } from '../../src/testing/simulation/simulate.js';
import { Coverage } from './coverage.js';
import { EXACT } from './exact/index.js';
import { resetNames } from './generate.js';

describe('in worlds without chance', () => {
  it.each(EXACT)('$name: $about', async ({ name, run }) => {
    resetNames();
    await simulate({ seed: name }, (world) =>
      run({ world, coverage: new Coverage(), random: world.random('scenario'), size: 1, days: 1 }),
    );
  });
});
