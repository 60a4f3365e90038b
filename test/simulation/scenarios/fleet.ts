import type { BatchItem, RunStatus } from '../../../plugins/runs/index.js';
import type { Fate } from '../../../src/testing/simulation/remote.js';
import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { Fleet } from '../fleet/fleet.js';
import { TroubleMaker } from '../fleet/troubles.js';
import { largestWindow, mostInADay } from '../fleet/windows.js';
import type { Scenario, Scene } from '../scene.js';
import { Stage } from '../stage.js';
import { chance } from './choices.js';

const [MINUTE_MS, DAY_MS] = [60_000, 86_400_000];
/** At this size the world is whole: 200 workers, 40 books, all days. */
const WHOLE = 25;
const MODEL = 'scriptorium/exact';
const FATES: readonly [Fate, ...Fate[]] = ['refused', 'unanswered', 'lost', 'late'];

/** The numbers of a world of this size. */
function numbersOf({ size, days }: Scene) {
  const part = Math.min(size / WHOLE, 1);
  const of = (whole: number, least: number): number => Math.max(Math.round(whole * part), least);
  return {
    ...{ workers: of(200, 4), machines: of(20, 2), books: of(40, 2), chapters: of(60, 4), days: of(days, 1) },
    requestsPerMinute: of(60, 12),
  };
}

export const fleet: Scenario = {
  name: 'fleet',
  about:
    'Many workers write many books for days, under one limit, while they are killed and paused and their stores are slow, away, or lose their memory.',
  oneSeedIn: 4,
  run: async (scene) => {
    const { world, random } = scene;
    const numbers = numbersOf(scene);
    const { requestsPerMinute } = numbers;
    const requestsPerDay = Math.ceil((numbers.books * numbers.chapters * 1.6) / numbers.days);
    const stage = new Stage(scene, {
      words: 60,
      faults: { rate: 0.2 },
      limits: { upstreamPerMinute: requestsPerMinute },
    });
    const fates = world.random('fates');
    const people = new Fleet(stage, {
      ...{ ...numbers, requestsPerDay, concurrency: 2, leaseMs: 30_000, checkpointMs: 1_000 },
      fateOf: () => (chance(fates, 0.002) ? oneOf(fates, FATES) : 'fine'),
      skewMs: () => wholeNumber(random, -2_000, 2_000),
    });
    await people.create(booksOf(scene, numbers));
    const troubles = new TroubleMaker(scene, people, Math.ceil(400_000 / numbers.workers));
    const days = await workForDays(scene, people, { troubles, longest: 3 * numbers.days + 10 });
    await people.check();
    const arrivals = stage.vendor.requests.filter(({ status, fault }) => status !== 429 || fault !== undefined);
    const [minute, day] = [largestWindow(arrivals, MINUTE_MS), mostInADay(stage.vendor.requests)];
    world.check(minute <= requestsPerMinute, () => `A minute had ${minute} of ${requestsPerMinute} requests.`);
    world.check(day <= requestsPerDay, () => `A day had ${day} of ${requestsPerDay} requests.`);
    const calls = people.history.calls.length;
    world.note(
      `fleet ${JSON.stringify({ ...numbers, days, ...troubles.made, requests: arrivals.length, requestsPerDay, minute, day, calls })}`,
    );
    await stage.close();
  },
};

/** Words of an item cost about this much US dollars. */
const ITEM_USD = 4e-4;

function booksOf({ random }: Scene, { books, chapters }: ReturnType<typeof numbersOf>) {
  return Array.from({ length: books }, (_, book) => ({
    name: `book-${book + 1}`,
    // Some have too little, and go on when their operator gives more.
    budgetUsd: chapters * ITEM_USD * oneOf(random, [0.5, 4, 10]),
    items: Array.from({ length: chapters }, (_item, index): BatchItem => ({
      id: `chapter-${index + 1}`,
      ...(index > 0 && chance(random, 0.8) ? { after: [`chapter-${index}`] } : {}),
      input: { model: MODEL, prompt: `Write chapter ${index + 1} of book ${book + 1}.`, maxTokens: 300 },
    })),
  }));
}

interface Work {
  readonly troubles: TroubleMaker;
  /** The most days that it may take. */
  readonly longest: number;
}

/** The fleet works while something can go on, and goes home when everything is parked. @returns the number of days */
async function workForDays({ world }: Scene, people: Fleet, { troubles, longest }: Work): Promise<number> {
  for (let day = 1; ; day += 1) {
    await people.open();
    troubles.start();
    for (let runs = await people.journal.runs(); runs.some(isBusy); runs = await people.journal.runs())
      await world.sleep(10_000);
    await troubles.stop();
    await people.close();
    const runs = await people.journal.runs();
    if (runs.every(({ state }) => state === 'done')) return day;
    if (day >= longest) {
      world.violation(`The books are not done after ${day} days: ${JSON.stringify(runs.find(isNotDone))}`);
      return day;
    }
    const operator = people.history.record(people.journal, 'operator');
    for (const run of runs.filter(isStuck)) await operator.resume(run.id, { budgetUsd: run.limits.budgetUsd * 1.5 });
    await world.sleep(DAY_MS - (world.now() % DAY_MS) + 5 * MINUTE_MS);
  }
}

const isNotDone = ({ state }: RunStatus): boolean => state !== 'done';

/** Something of it can go on today. */
function isBusy({ state, items: { ready, leased } }: RunStatus): boolean {
  return state === 'running' && ready + leased > 0;
}

/** Nothing goes on before the run is resumed. */
function isStuck({ state, items, until }: RunStatus): boolean {
  return state === 'failed' || (state === 'running' && items.parked > 0 && until === undefined);
}
