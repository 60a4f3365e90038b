import { globalRunner } from '../test-runner.js';
import type { TestRunner } from '../test-runner.js';
import type { MakePort, PortCheck, PortWorld } from './scene.js';

/** The promises of a port, and the title of their tests. */
export interface PortContract<T, W extends PortWorld> {
  readonly title: string;
  readonly promises: Readonly<Record<string, PortCheck<T, W>>>;
}

/** Defines one test for each promise of a port. */
export function define<T, W extends PortWorld>(
  { title, promises }: PortContract<T, W>,
  make: MakePort<T, W>,
  runner: TestRunner = globalRunner(),
): void {
  runner.describe(title, () => {
    for (const [promise, check] of Object.entries(promises)) runner.it(promise, () => check(make));
  });
}
