import type { RunLimits, RunStatus } from '../../../plugins/runs/index.js';
import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { chance } from './choices.js';
import type { RunsWorld } from './runs-world.js';
import type { Scene } from '../scene.js';

const NAMES = ['north', 'south', 'east'] as const;
const HOUR_MS = 3_600_000;

/** How a run is disturbed, and what its operator does. */
export interface Play {
  /** What happens to the processes: only `kills`, or pauses, moved clocks and outages of the journal as well. */
  readonly disturbances: 'kills' | 'all';
  /** The longest time between two of them. */
  readonly everyMs: number;
  /** The longest time that the run may take. */
  readonly longestMs: number;
  /** What an operator changes when nothing can go on before the run is resumed. */
  readonly changes?: (run: RunStatus) => Partial<RunLimits>;
}

/** Lets three processes work and be disturbed until the run is done. A run in which nothing can go on is resumed. */
export async function playOut(scene: Scene, book: RunsWorld, play: Play): Promise<void> {
  const { world, random } = scene;
  const started = [];
  for (const name of NAMES) started.push(await book.start(name));
  const disturbing = disturb(scene, book, play);
  const until = world.elapsedMs + play.longestMs;
  for (let resumed = 0; ;) {
    await world.sleep(2_000);
    const [run] = await book.journal.runs();
    if (run?.state === 'done') break;
    if (run !== undefined && (isStuck(run) || (play.disturbances === 'all' && chance(random, 0.001)))) {
      resumed += 1;
      await book.history.record(book.journal, 'operator').resume(run.id, play.changes?.(run) ?? {});
    }
    if (world.elapsedMs > until || resumed > 50) {
      const items = await book.journal.items('book').catch(() => []);
      world.violation(`The run is not done: ${JSON.stringify({ run, items, resumed })}`);
      break;
    }
  }
  book.isOver = true;
  await disturbing;
  await Promise.all(started.map(({ working }) => working));
}

/** Nothing goes on before the run is resumed. */
function isStuck({ state, items, until }: RunStatus): boolean {
  return state === 'failed' || (items.parked > 0 && items.ready + items.leased === 0 && until === undefined);
}

async function disturb({ world, random }: Scene, book: RunsWorld, { disturbances, everyMs }: Play): Promise<void> {
  const { processes, database } = book;
  while (!book.isOver) {
    await world.sleep(wholeNumber(random, 50, everyMs));
    const process = oneOf(random, [processes[0]!, ...processes.slice(1)]);
    const kind = disturbances === 'kills' ? random() * 0.6 : random();
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
