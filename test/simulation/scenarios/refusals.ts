import type { LoggedRequest } from 'scriptorium/testing';
import type { World } from '../../../src/testing/simulation/world.js';
import { chance, modelOf, promptOf, readingOf } from './choices.js';
import { GENERATION_HEADER } from '../oracle.js';
import { scaled } from '../scene.js';
import type { Scenario } from '../scene.js';
import { Stage } from '../stage.js';

/** Rows of docs/faults.md in which a vendor refuses a request for good. The one with the most kinds comes twice. */
const REFUSING_ROWS = [28, 30, 31, 32, 32];

export const refusals: Scenario = {
  name: 'refusals',
  about:
    'A vendor refuses for good: for the key, the account, the model, the prompt. Another route serves, if there is one.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(
      scene,
      { faults: { rate: 0.7, rows: REFUSING_ROWS } },
      { name: 'second.test', faults: { rate: 0.2 } },
    );
    const process = await stage.process('writer');
    await stage.crowd(scaled(scene, 32), 4, async () => {
      const routes = [{ provider: 'vendor-2', model: modelOf(random) }];
      const isAlone = chance(random, 0.5);
      const input = { model: modelOf(random), prompt: promptOf(random), ...(!isAlone && { overrides: { routes } }) };
      await stage.generate(process, input, readingOf(random));
    });
    checkRequests(
      world,
      stage.vendors.map(({ requests }) => requests),
    );
    await stage.close();
  },
};

/** The statuses that refuse the account or the model: the vendor is not asked for a continuation either. */
const REFUSES_US: readonly unknown[] = [401, 402, 403, 404];
const FOR_GOOD = 'for good';

/** Checks that no generation asks a vendor again for what it has been refused there. */
function checkRequests(world: World, [first = [], second = []]: readonly (readonly LoggedRequest[])[]): void {
  const refused = new Map<string, Set<string>>();
  const inOrder = [...first, ...second].sort((a, b) => a.arrivedAt - b.arrivedAt);
  for (const request of inOrder) {
    const id = request.headers[GENERATION_HEADER] ?? '';
    // A short text is continued by the same request: it is another segment.
    if (request.text !== '' && refused.get(id)?.has(FOR_GOOD) !== true) refused.delete(id);
    if (!first.includes(request)) continue;
    const body = JSON.stringify(request.body);
    const before = refused.get(id) ?? new Set();
    world.check(
      !before.has(FOR_GOOD) && !before.has(body),
      () => `${id} asked again after it had been refused for good.`,
    );
    const { fault } = request;
    if (fault?.status === undefined || fault.headers?.['x-should-retry'] === 'true') continue;
    refused.set(id, before.add(REFUSES_US.includes(fault.status) ? FOR_GOOD : body));
  }
}
