import type { StateStore } from 'scriptorium';
import { tokens } from 'scriptorium';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import type { SimulatedProcess } from '../../../src/testing/simulation/process.js';
import type { World } from '../../../src/testing/simulation/world.js';
import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { chance, promptOf } from './choices.js';
import { scaled } from '../scene.js';
import type { Scenario, Scene } from '../scene.js';
import { Stage } from '../stage.js';

const FREE = 'scriptorium/exact:free';
const NAMES = ['red', 'green', 'blue'] as const;
const PER_MINUTE = 20;
const DAY_MS = 86_400_000;

/** The state that the processes of the machine share: as fast as a file, or over the network. */
function sharedState(world: World, isRemote: boolean): (process: Parameters<World['remote']>[1]) => StateStore {
  const store = memoryStateStore();
  if (!isRemote) return () => store;
  const disk = world.host('disk.test', () => undefined);
  return (life) => {
    const ask = world.remote(disk, life);
    return { update: (key, change) => ask('update', () => store.update(key, change)) };
  };
}

/** Disturbs the processes until the work is done: kills and pauses, or a clock that is set for the whole machine. */
async function disturb(
  { world, random }: Scene,
  processes: readonly SimulatedProcess[],
  { setsClock, isDone }: { readonly setsClock: boolean; readonly isDone: () => boolean },
): Promise<void> {
  while (!isDone()) {
    await world.sleep(wholeNumber(random, 5_000, 60_000));
    const process = processes[wholeNumber(random, 0, processes.length - 1)]!;
    if (setsClock) {
      const byMs = oneOf<number>(random, [DAY_MS, 3_600_000, -3_600_000, -DAY_MS]);
      for (const each of processes) each.moveWallClock(byMs);
      await world.sleep(wholeNumber(random, 1_000, 200_000));
      for (const each of processes) each.moveWallClock(-byMs);
    } else if (chance(random, 0.5)) {
      process.pause();
      await world.sleep(wholeNumber(random, 100, 20_000));
      process.resume();
    } else await process.restart();
  }
}

export const oneMachine: Scenario = {
  name: 'one-machine',
  about: 'Three processes with one key and one state store are killed, paused, and get another time: the limits hold.',
  run: async (scene) => {
    const { world, random } = scene;
    await world.sleep(DAY_MS / 2);
    const perDay = scaled(scene, 120);
    const stage = new Stage(scene, { limits: { requestsPerMinute: PER_MINUTE }, faults: { rate: 0.2 } });
    const stateOf = sharedState(world, chance(random, 0.3));
    const processes: SimulatedProcess[] = [];
    for (const name of NAMES)
      processes.push(
        await stage.process(name, (life) => ({
          config: { rateLimit: { requestsPerMinute: PER_MINUTE, minIntervalMs: 0, requestsPerDay: perDay } },
          register: (container) => void container.register<StateStore>(tokens.STATE_STORE, { useValue: stateOf(life) }),
        })),
      );
    const setsClock = chance(random, 0.4);
    let isDone = false;
    const disturbing = disturb(scene, processes, { setsClock, isDone: () => isDone });
    await stage.crowd(perDay + 20, 30, async (index) => {
      const process = processes[index % processes.length]!;
      while (!process.isRunning) await world.sleep(1_000);
      await stage.generate(process, { model: FREE, prompt: promptOf(random) });
    });
    isDone = true;
    await disturbing;
    const { refused, mostInADay } = stage.vendor.books;
    world.check(refused['per-minute'] === 0, () => `The vendor refused ${refused['per-minute']} requests of a minute.`);
    // A clock that is a day ahead begins the next day early, once.
    const most = setsClock ? 2 * perDay : perDay;
    world.check(mostInADay <= most, () => `${mostInADay} requests in a day, whose limit is ${perDay}.`);
    await stage.close();
  },
};
