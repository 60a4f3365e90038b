import type { Random } from '../../src/core/clock.js';
import type { World } from '../../src/testing/simulation/world.js';
import type { Coverage } from './coverage.js';

/** How much of a scenario is simulated. */
export interface Scale {
  /** A factor for the number of generations; 1 by default. */
  readonly size: number;
  /** Virtual days, for scenarios that last days. */
  readonly days: number;
}

/** One world of one scenario. */
export interface Scene extends Scale {
  readonly world: World;
  readonly coverage: Coverage;
  /** The random choices of the scenario itself. */
  readonly random: Random;
}

/** A simulated situation with its oracles. */
export interface Scenario {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  /** It runs with one seed in so many, since it is large; with every seed by default. */
  readonly oneSeedIn?: number;
  readonly run: (scene: Scene) => Promise<void>;
}

/** A number of generations at this scale, at least one. */
export function scaled(scene: Scene, count: number): number {
  return Math.max(1, Math.round(count * scene.size));
}
