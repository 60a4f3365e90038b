import type { Fate } from '../../../src/testing/simulation/remote.js';
import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { chance, modelOf } from './choices.js';
import { RunsWorld } from './runs-world.js';
import { scaled } from '../scene.js';
import type { Scenario, Scene } from '../scene.js';
import { Stage } from '../stage.js';

const NAMES = ['north', 'south', 'east'] as const;
const HOUR_MS = 3_600_000;

export const runs: Scenario = {
  name: 'runs',
  about:
    'Three processes write one run. They are killed and paused between any two events, and the journal is slow, away, or loses answers: every text is committed once, to the letter.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene, {
      words: wholeNumber(random, 20, 120),
      faults: { rate: oneOf(random, [0, 0.2, 0.4]) },
    });
    const fates = world.random('fates');
    const isLossy = chance(random, 0.6);
    const book = new RunsWorld(stage, {
      items: itemsOf(scene),
      options: {
        name: 'book',
        concurrency: wholeNumber(random, 1, 6),
        leaseMs: oneOf(random, [5_000, 30_000]),
        checkpointMs: oneOf(random, [100, 250, 1_000]),
        tries: 20,
        restarts: 20,
        wait: chance(random, 0.5),
      },
      isOneMachine: chance(random, 0.5),
      fateOf: () => (isLossy && chance(fates, 0.08) ? oneOf(fates, FATES) : 'fine'),
      setUp: () => ({ skewMs: wholeNumber(random, -3_600_000, 3_600_000) }),
    });
    await playOut(scene, book);
    await book.check();
    await stage.close();
  },
};

const FATES: readonly [Fate, ...Fate[]] = ['refused', 'unanswered', 'lost', 'late'];

function itemsOf(scene: Scene) {
  const { random } = scene;
  return Array.from({ length: scaled(scene, 12) }, (_, index) => ({
    id: `chapter ${index + 1}`,
    ...(index > 0 && chance(random, 0.3) ? { after: [`chapter ${wholeNumber(random, 1, index)}`] } : {}),
    input: { model: modelOf(random), prompt: `Write chapter ${index + 1} of the life of Ada Lovelace.` },
  }));
}

/** Lets three processes work and be disturbed until the run is done. A run that has failed is resumed. */
export async function playOut(scene: Scene, book: RunsWorld): Promise<void> {
  const { world, random } = scene;
  const started = [];
  for (const name of NAMES) started.push(await book.start(name));
  const disturbing = disturb(scene, book);
  const until = world.elapsedMs + 48 * HOUR_MS;
  for (let resumed = 0; ;) {
    await world.sleep(2_000);
    const [run] = await book.journal.runs();
    if (run?.state === 'done') break;
    if (run?.state === 'failed' || (run?.state === 'running' && chance(random, 0.001))) {
      resumed += 1;
      await book.history.record(book.journal, 'operator').resume(run.id);
    }
    if (world.elapsedMs > until || resumed > 50) {
      const items = await book.journal.items('book');
      world.violation(`The run is not done: ${JSON.stringify({ run, items, resumed })}`);
      break;
    }
  }
  book.isOver = true;
  await disturbing;
  await Promise.all(started.map(({ working }) => working));
}

async function disturb({ world, random }: Scene, book: RunsWorld): Promise<void> {
  const { processes, database } = book;
  while (!book.isOver) {
    await world.sleep(wholeNumber(random, 200, 20_000));
    const process = oneOf(random, [processes[0]!, ...processes.slice(1)]);
    const kind = random();
    if (kind < 0.5) await process.restart();
    else if (kind < 0.6) {
      process.kill();
      await world.sleep(wholeNumber(random, 100, 60_000));
      await process.restart();
    } else if (kind < 0.8) {
      process.pause();
      await world.sleep(wholeNumber(random, 100, 90_000));
      process.resume();
    } else if (kind < 0.9) process.moveWallClock(wholeNumber(random, -HOUR_MS, HOUR_MS));
    else {
      database.crash(chance(random, 0.5) ? 'loudly' : 'silently');
      await world.sleep(wholeNumber(random, 100, 90_000));
      database.start();
    }
  }
}
