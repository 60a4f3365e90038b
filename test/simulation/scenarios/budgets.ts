import { BudgetError, tokens } from 'scriptorium';
import type { ConfigInput, InterceptorDefinition, StateStore } from 'scriptorium';
import { catchError, throwError } from 'rxjs';
import { memoryStateStore } from '../../../src/chain/admit/state-store.js';
import type { SimulatedProcess } from '../../../src/testing/simulation/process.js';
import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { BOOK_HEADER, BudgetBooks, LIFE_HEADER } from '../budget-books.js';
import type { BudgetLimits } from '../budget-books.js';
import { chance, promptOf, readingOf } from './choices.js';
import { scaled } from '../scene.js';
import type { Scenario, Scene } from '../scene.js';
import { Stage } from '../stage.js';

const MODEL = 'scriptorium/exact';
const MAX_TOKENS = 40;
/** About what an attempt reserves. */
const ATTEMPT = { tokens: 130, usd: 0.000_3 } as const;
const BOOKS = ['ada', 'byron', 'babbage'] as const;

/** The choices of one world. */
interface Plan {
  readonly limits: BudgetLimits;
  readonly atOnce: number;
  readonly processes: number;
  readonly isPriceKnown: boolean;
  readonly hasKills: boolean;
  readonly reconciles: boolean;
  readonly isRemote: boolean;
  /** For one vendor, a prompt has so many times the tokens that others count. */
  readonly promptTokenFactor: number;
  readonly faultRate: number;
}

export const budgets: Scenario = {
  name: 'budgets',
  about: 'Budgets hold for books, days and processes, whatever happens at once; what would have fitted is not refused.',
  run: async (scene) => {
    const { world, random } = scene;
    const plan = planOf(scene);
    const { promptTokenFactor, faultRate, atOnce, isPriceKnown, limits } = plan;
    const vendor = { words: 8, faults: { rate: faultRate } };
    const stage = new Stage(scene, { ...vendor, promptTokenFactor }, { ...vendor, name: 'second.test' });
    const books = new BudgetBooks(world, limits, stage.vendors);
    const writers = await writersOf(stage, plan, books);
    const progress = { isOver: false };
    const fate = plan.hasKills ? killing(scene, { writers, plan, progress }) : Promise.resolve();
    await stage.crowd(scaled(scene, 24 + atOnce / 2), atOnce, async (index) => {
      const writer = writers[index % writers.length]!;
      await world.sleep(wholeNumber(random, 0, 3_000));
      while (!writer.isReady) await world.sleep(500);
      const book = oneOf(random, BOOKS);
      const headers = { [BOOK_HEADER]: book, [LIFE_HEADER]: lifeOf(writer) };
      const input = { model: MODEL, prompt: promptOf(random), labels: { book }, headers };
      // A reader that pauses would go on reading what has arrived after its process was killed.
      const { pauseMs, ...reading } = readingOf(random);
      await stage.generate(writer.process, input, plan.hasKills || pauseMs === undefined ? reading : { pauseMs });
    });
    progress.isOver = true;
    await fate;
    await stage.close();
    const isUnknown = !isPriceKnown && limits.unit === 'usd';
    // A vendor that counts more than any estimate is known as such after its first bill, in each life of a process.
    const lives = writers.reduce((sum, writer) => sum + writer.lives, 0);
    books.checkLimits({
      attempts: (isUnknown ? 1 : 0) + (promptTokenFactor > 1 ? atOnce * lives : 0),
      isPriceUnknown: isUnknown,
    });
  },
};

function planOf({ random }: Scene): Plan {
  const unit: BudgetLimits['unit'] = chance(random, 0.67) ? 'usd' : 'tokens';
  const attempts = (least: number, most: number): number =>
    chance(random, 0.4) ? 0 : (wholeNumber(random, least * 100, most * 100) / 100) * ATTEMPT[unit];
  const limitOf = (least: number, most: number): number =>
    unit === 'usd' ? attempts(least, most) : Math.ceil(attempts(least, most));
  return {
    limits: { unit, label: limitOf(1, 8), process: limitOf(2, 12), day: limitOf(2, 15) },
    atOnce: oneOf(random, [1, wholeNumber(random, 2, 10), wholeNumber(random, 11, 50)]),
    processes: oneOf(random, [1, 1, 2, 3]),
    isPriceKnown: chance(random, 0.75),
    hasKills: chance(random, 0.2),
    reconciles: chance(random, 0.5),
    isRemote: chance(random, 0.3),
    promptTokenFactor: chance(random, 0.1) ? wholeNumber(random, 2, 9) : 1,
    faultRate: oneOf(random, [0, 0, 0.1, 0.4]),
  };
}

interface Writer {
  readonly name: string;
  readonly process: SimulatedProcess;
  lives: number;
  /** It runs, and knows the prices if it is to know them. */
  isReady: boolean;
}

function lifeOf({ name, lives }: Pick<Writer, 'name' | 'lives'>): string {
  return `${name} ${lives}`;
}

/** The processes share one state, as those of one machine do. */
async function writersOf(stage: Stage, plan: Plan, books: BudgetBooks): Promise<readonly Writer[]> {
  const { world, random } = stage.scene;
  const state = memoryStateStore();
  const database = world.host('database.test', () => undefined);
  const writers: Writer[] = [];
  for (let number = 1; number <= plan.processes; number += 1) {
    const config = configOf(plan, chance(random, 0.3));
    const name = `writer ${number}`;
    let lives = 0;
    const process = await stage.process(name, (life) => {
      lives += 1;
      const ask = world.remote(database, life);
      const remote: StateStore = { update: (key, change) => ask('update', () => state.update(key, change)) };
      return {
        config,
        plugins: [books.plugin(lifeOf({ name, lives }))],
        interceptors: [checkRefusals(books)],
        register: (container) =>
          void container.register<StateStore>(tokens.STATE_STORE, { useValue: plan.isRemote ? remote : state }),
      };
    });
    const writer: Writer = { name, process, lives: 1, isReady: false };
    await getReady(writer, plan);
    writers.push(writer);
  }
  return writers;
}

/** Asks the vendors for their catalogues, which have the prices. */
async function getReady(writer: Writer, { isPriceKnown }: Plan): Promise<void> {
  if (isPriceKnown)
    await writer.process.run(async ({ pipeline }) => {
      await Promise.all(['openrouter', 'vendor-2'].map((provider) => pipeline.models({ provider })));
    });
  writer.isReady = true;
}

async function killing(
  { world, random }: Scene,
  { writers, plan, progress }: { writers: readonly Writer[]; plan: Plan; progress: { readonly isOver: boolean } },
): Promise<void> {
  while (!progress.isOver) {
    await world.sleep(wholeNumber(random, 1_000, 20_000));
    const writer = writers[Math.floor(random() * writers.length)]!;
    writer.isReady = false;
    writer.lives += 1;
    await writer.process.restart();
    await getReady(writer, plan);
  }
}

/** Looks at each refusal at the moment in which it is made. */
function checkRefusals(books: BudgetBooks): InterceptorDefinition {
  return {
    name: 'check-refusals',
    phase: 'recover',
    intercept: (request, next) =>
      next(request).pipe(
        catchError((error: unknown) => {
          const { [BOOK_HEADER]: book = '', [LIFE_HEADER]: life = '' } = request.headers;
          if (error instanceof BudgetError) books.checkRefusal(error, { book, life });
          return throwError(() => error);
        }),
      ),
  };
}

function configOf({ limits: { unit, label, process, day }, reconciles }: Plan, hasFallback: boolean): ConfigInput {
  const key = unit === 'usd' ? 'Usd' : 'Tokens';
  return {
    budget: { [`label${key}`]: label, [`process${key}`]: process, [`day${key}`]: day },
    defaults: { maxTokens: MAX_TOKENS },
    continuity: { reconcile: reconciles },
    ...(hasFallback && { routes: [{ provider: 'vendor-2', model: MODEL }] }),
  };
}
