import type { LoggedRequest } from 'scriptorium/testing';
import type { World } from '../../../src/testing/simulation/world.js';
import { GENERATION_HEADER } from '../oracle.js';
import { chance, modelOf, promptOf, readingOf } from './choices.js';
import { scaled } from '../scene.js';
import type { Scenario, Scene } from '../scene.js';
import type { SimulatedVendorOptions } from '../../../src/testing/simulation/vendor.js';
import { Stage } from '../stage.js';

/** Rows of docs/faults.md that break a text off after its first words. */
const BREAKING_ROWS = [42, 43, 45, 46, 47, 48, 49, 51, 56, 73, 76, 77, 84, 90];

export const storm: Scenario = {
  name: 'storm',
  about: 'Six requests in ten meet a fault of any kind; every text is exact or fails.',
  run: (scene) => write(scene, { pages: 140, faults: { rate: 0.6 } }),
};

export const breaks: Scenario = {
  name: 'breaks',
  about: 'Most streams break off within the text; every text is continued exactly, or fails.',
  run: (scene) => write(scene, { pages: 320, faults: { rate: 0.55, rows: BREAKING_ROWS } }),
};

interface Work {
  readonly pages: number;
  readonly faults: SimulatedVendorOptions['faults'];
}

async function write(scene: Scene, { pages, faults }: Work): Promise<void> {
  const { world, random } = scene;
  const stage = new Stage(scene, { ...(faults && { faults }) });
  const process = await stage.process('writer', { config: { retry: { budget: { capacity: 5_000 } } } });
  await stage.crowd(scaled(scene, pages), 20, () =>
    stage.generate(
      process,
      {
        model: modelOf(random),
        prompt: promptOf(random),
        ...(chance(random, 0.05) && { wire: 'json' }),
        ...(chance(random, 0.1) && { overrides: { continuity: { onBreak: 'restart' } } }),
      },
      readingOf(random),
    ),
  );
  checkHints(world, stage.vendor.requests);
  await stage.close();
}

/** Checks that no generation sends its next request before the time that a refusal has named. */
function checkHints(world: World, requests: readonly LoggedRequest[]): void {
  const freeAt = new Map<string, number>();
  for (const { headers, arrivedAt, closedAt = Infinity, fault } of requests) {
    const id = headers[GENERATION_HEADER] ?? '';
    const earlyMs = (freeAt.get(id) ?? -Infinity) - arrivedAt;
    world.check(earlyMs <= 0, () => `${id} sent a request ${earlyMs} ms before the time that the vendor had named.`);
    const hintMs = hintOf(fault?.headers ?? {});
    if (hintMs > 0) freeAt.set(id, closedAt + hintMs);
  }
}

/** The milliseconds that a refusal names; NaN if it names none, or a date. */
function hintOf(headers: Readonly<Record<string, string>>): number {
  return Number(headers['retry-after-ms'] ?? Number(headers['retry-after']) * 1_000);
}
