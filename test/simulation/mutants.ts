import { describe, it } from '@jest/globals';
import { simulate } from '../../src/testing/simulation/simulate.js';
import { Coverage } from './coverage.js';
import { EXACT } from './exact/index.js';
import { resetNames } from './generate.js';
import { SCENARIOS } from './scenarios/index.js';

/** The only tests of `npm run mutation:simulate`. The worlds are small, since they run for each mutant. */
const SCALE = { size: 0.1, days: 2 };

describe('in small simulated worlds', () => {
  it.each([...EXACT, ...SCENARIOS])('$name: $about', async ({ name, run }) => {
    resetNames();
    await simulate({ seed: `${name}/1` }, (world) =>
      run({ world, coverage: new Coverage(), random: world.random('scenario'), ...SCALE }),
    );
  });
});
