import type { Scenario } from '../scene.js';
import { storm } from './storm.js';

/** Every scenario, in the order in which reports list them. */
export const SCENARIOS: readonly Scenario[] = [storm];
