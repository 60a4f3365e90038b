import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/core/clock.js';
import { pick } from '../kit/seeded-random.js';
import type { Program } from './program.js';
import type { CrashScene } from './scene.js';

/** When a program is killed: while it starts, while it writes, or when an answer has just ended. */
export type Moment = 'start' | 'writing' | 'commit';

const MOMENTS: readonly Moment[] = ['start', 'writing', 'writing', 'commit'];

/** Draws the moment of a kill, and waits for it. Ends early if the program does. */
export async function moment(random: Random, scene: CrashScene, { ended }: Program): Promise<Moment> {
  const kind = pick(random, MOMENTS);
  let isOver = false;
  void ended.then(() => (isOver = true));
  const { requests } = scene.emulator;
  const completed = () => requests.filter(({ outcome }) => outcome === 'completed').length;
  const until = async (holds: () => boolean) => {
    while (!isOver && !holds()) await sleep(1);
  };
  const [before, done] = [requests.length, completed()];
  const share = random();
  if (kind === 'start') await sleep(share * 300);
  if (kind === 'writing') {
    await until(() => requests.length > before);
    await Promise.race([sleep(share * 2_500), ended]);
  }
  if (kind === 'commit') {
    await until(() => completed() > done);
    await sleep(share * 10);
  }
  return kind;
}
