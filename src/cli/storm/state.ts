import { countWords } from 'scriptorium';
import type { Emulator } from '../../emulator/emulator.js';
import { DEFAULT_MODEL } from '../../emulator/models.js';
import { emptyBoard, rowOf, withCell } from './board.js';
import type { Board, Cell, Row } from './board.js';
import { chapterOf, sideOf } from './chapters.js';
import { judge } from './judge.js';
import { bySide } from './side.js';
import type { Side } from './side.js';
import { spentOn, withChapter } from './tally.js';
import type { ChatMessage } from './writer.js';

/** The board, and what changes it. */
export interface State {
  readonly now: () => Board;
  readonly row: (chapter: number) => Row;
  readonly begin: (chapter: number, messages: readonly ChatMessage[]) => void;
  readonly change: (chapter: number, side: Side, progress: Partial<Cell>) => void;
  /** Compares what is saved with the book. Undefined stands for no text. */
  readonly finish: (chapter: number, side: Side, saved: string | undefined) => void;
  readonly end: () => void;
}

/** An empty board over the server that the storm rages on. */
export function newState(emulator: Emulator, seed: number, seconds: number): State {
  const endsAt = performance.now() + seconds * 1000;
  const expected = new Map<number, string>();
  let board = emptyBoard(seed, seconds);
  return {
    now: () => ({ ...board, secondsLeft: Math.max(0, (endsAt - performance.now()) / 1000) }),
    row: (chapter) => rowOf(board, chapter),
    begin: (chapter, messages) => {
      const text = emulator.textFor({ model: DEFAULT_MODEL, messages });
      expected.set(chapter, text);
      const cells = bySide(() => ({ words: 0, note: '', requests: 0 }));
      board = { ...board, rows: [...board.rows, { chapter, words: countWords(text), cells }] };
    },
    change: (chapter, side, progress) => {
      board = withCell(board, { chapter, side, progress });
    },
    finish: (chapter, side, saved) => {
      const text = expected.get(chapter) ?? '';
      const requests = requestsFor(emulator, chapter, side);
      const verdict = judge(saved, text);
      const progress = { verdict, words: countWords(saved ?? ''), requests: requests.length };
      const tally = withChapter(board.tallies[side], verdict, spentOn({ expected: text, saved, requests }));
      board = withCell({ ...board, tallies: { ...board.tallies, [side]: tally } }, { chapter, side, progress });
    },
    end: () => {
      board = { ...board, isOver: true };
    },
  };
}

function requestsFor(emulator: Emulator, chapter: number, side: Side) {
  const own = emulator.requests.filter((request) => sideOf(request) === side && chapterOf(request) === chapter);
  return own.map(({ text, usage, fault }) => ({
    text,
    tokens: usage?.completion_tokens ?? 0,
    isFaulty: fault !== undefined,
  }));
}
