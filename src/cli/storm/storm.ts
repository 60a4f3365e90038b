import { startEmulator } from '../../emulator/emulator.js';
import { DEFAULT_MODEL } from '../../emulator/models.js';
import { bareClient } from './bare-client.js';
import type { Board, Cell, Row } from './board.js';
import { chapterOf, isLike, messagesOf } from './chapters.js';
import { ourClient, ourPipeline } from './our-client.js';
import { SIDES } from './side.js';
import type { BySide } from './side.js';
import { newState } from './state.js';
import type { State } from './state.js';
import { stormFault } from './storm-faults.js';
import type { ChapterWriter } from './writer.js';

export interface StormOptions {
  /** Decides all texts and faults. */
  readonly seed: number;
  /** How long new chapters are begun. Those under way are finished. */
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** A chapter is finished on both sides. */
  readonly onFinished: (row: Row) => void;
}

/** A storm that is under way. */
export interface Storm {
  /** As it is now. */
  readonly board: () => Board;
  /** Resolves with the last board; rejects if the signal ends it first. */
  readonly ended: Promise<Board>;
}

const CHAPTERS_AT_ONCE = 4;
const WORDS = 300;
const TOKENS_PER_SECOND = 240;
const TOKENS_PER_DELTA = 2;
const TOKENS_PER_WORD = 1.4;
/** The last chapters take this long to finish. */
const LAST_CHAPTERS_SECONDS = 2;

/** Lets both clients write the same chapters with one server. Each chapter begins on both sides at the same time. */
export async function startStorm(options: StormOptions): Promise<Storm> {
  const { seed, seconds } = options;
  const emulator = await startEmulator({
    seed,
    words: WORDS,
    tokensPerSecond: TOKENS_PER_SECOND,
    tokensPerDelta: TOKENS_PER_DELTA,
    fault: (request, index) =>
      stormFault({
        seed,
        chapter: chapterOf(request) ?? 0,
        deltas: (WORDS * TOKENS_PER_WORD) / TOKENS_PER_DELTA,
        earlier: emulator.requests.slice(0, index).filter(isLike(request)).length,
      }),
  });
  const connection = { url: emulator.url, model: DEFAULT_MODEL };
  const pipeline = await ourPipeline({ ...connection, title: 'ours' });
  const writers = { bare: bareClient({ ...connection, title: 'bare' }), ours: ourClient(pipeline) };
  const state = newState(emulator, seed, seconds);
  const close = () => pipeline.dispose().finally(() => emulator.close());
  return {
    board: state.now,
    ended: writeAll({ ...options, writers, state })
      .finally(close)
      .then(state.now),
  };
}

interface Work extends StormOptions {
  readonly writers: BySide<ChapterWriter>;
  readonly state: State;
}

async function writeAll(work: Work): Promise<void> {
  const { seconds, signal, state } = work;
  const until = performance.now() + Math.max(0, seconds - LAST_CHAPTERS_SECONDS) * 1000;
  let next = 1;
  await Promise.all(
    Array.from({ length: CHAPTERS_AT_ONCE }, async () => {
      do {
        await writeOnBothSides(next++, work);
        signal.throwIfAborted();
      } while (performance.now() < until);
    }),
  );
  state.end();
}

async function writeOnBothSides(chapter: number, { writers, state, signal, onFinished }: Work): Promise<void> {
  const messages = messagesOf(chapter);
  state.begin(chapter, messages);
  await Promise.all(
    SIDES.map(async (side) => {
      const report = (progress: Partial<Cell>): void => state.change(chapter, side, progress);
      const saved = await writers[side]({ messages, signal, report }).catch(() => undefined);
      signal.throwIfAborted();
      state.finish(chapter, side, saved);
    }),
  );
  onFinished(state.row(chapter));
}
