import { describe, expect, it } from '@jest/globals';
import { emptyBoard } from '../../../src/cli/storm/board.js';
import type { Board, Cell, Row } from '../../../src/cli/storm/board.js';
import { frame, plainRow, tallyLines } from '../../../src/cli/storm/layout.js';
import { NO_RESULTS, withChapter } from '../../../src/cli/storm/tally.js';

const asItIs = (_style: string, text: string) => text;
const aCell = (cell: Partial<Cell> = {}): Cell => ({ words: 0, note: '', requests: 0, ...cell });
const aRow = (chapter: number, bare: Partial<Cell>, ours: Partial<Cell>): Row => ({
  chapter,
  words: 300,
  cells: { bare: aCell(bare), ours: aCell(ours) },
});
const spent = { requests: 2, faultyRequests: 1, paidTokens: 1_000, twiceTokens: 125 };
const board: Board = {
  ...emptyBoard(4711, 20),
  secondsLeft: 11.2,
  rows: [
    aRow(1, { verdict: 'cut', words: 86, requests: 1 }, { verdict: 'exact', words: 300, requests: 2 }),
    aRow(2, { verdict: 'failed', requests: 4 }, { words: 150, note: 'interrupted: goes on' }),
    aRow(3, { words: 0, note: 'HTTP 503: starts over' }, { words: 75 }),
  ],
  tallies: {
    bare: withChapter(NO_RESULTS, 'cut', spent),
    ours: withChapter(NO_RESULTS, 'exact', { ...spent, twiceTokens: 4 }),
  },
};

describe('a frame', () => {
  it('has two columns of chapters, and the tally below', () => {
    expect(frame(board, { columns: 80, rows: 24, paint: asItIs })).toEqual([
      'Moby-Dick in a storm: 40 % of requests are faulty. Seed 4711, 12 s left.',
      '',
      '     a bare client                         scriptorium',
      '  1  ✗ saved, but cut: 86 of 300 words     ✓ exact: 300 words, 2 requests      ',
      '  2  ✗ failed after 4 requests             ━━━━──── 150  interrupted: goes on  ',
      '  3  ────────   0  HTTP 503: starts over   ━━──────  75                        ',
      '',
      '                          a bare client    scriptorium',
      'faulty requests                  1 of 2         1 of 2',
      'exact                                 0              1',
      'cut                                   1              0',
      'doubled                               0              0',
      'failed                                0              0',
      'paid twice                       12.5 %          0.4 %',
      'identical to the book                no            yes',
    ]);
  });

  it.each([80, 97, 120, 200])('fits %i columns, and uses them up to 120', (columns) => {
    const widths = frame(board, { columns, rows: 24, paint: asItIs }).map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThan(columns);
    expect(Math.max(...widths)).toBeGreaterThan(Math.min(columns, 120) - 4);
  });

  it('shows the latest chapters that there is room for', () => {
    const many = { ...board, rows: Array.from({ length: 40 }, (_, index) => aRow(index + 1, {}, {})) };
    const lines = frame(many, { columns: 80, rows: 24, paint: asItIs });
    expect(lines.length).toBeLessThan(24);
    expect(lines.filter((line) => /^ [ \d]\d {2}/.test(line)).map((line) => Number(line.slice(0, 3)))).toEqual(
      [30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40].slice(-(lines.length - 12)),
    );
  });

  it('shortens a note that is too long', () => {
    const long = { ...board, rows: [aRow(1, { note: 'an unusually long account of what went wrong' }, {})] };
    expect(frame(long, { columns: 80, rows: 24, paint: asItIs })[3]).toContain('────────   0  an unusually long acc… ');
  });
});

describe('plain lines', () => {
  it('tell a chapter in one', () => {
    expect(plainRow(board.rows[0]!)).toBe(
      'chapter 1: a bare client saved, but cut: 86 of 300 words; scriptorium exact: 300 words, 2 requests',
    );
  });

  it('end with the same tally', () => {
    expect(tallyLines(board.tallies, asItIs)).toEqual(frame(board, { columns: 80, rows: 24, paint: asItIs }).slice(-8));
  });
});
