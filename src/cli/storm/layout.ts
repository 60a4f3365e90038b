import type { Board, Cell, Row } from './board.js';
import type { Verdict } from './judge.js';
import { SIDE_NAMES, SIDES } from './side.js';
import type { BySide, Side } from './side.js';
import { FAULT_RATE } from './storm-faults.js';
import { isIdentical } from './tally.js';
import type { Tally } from './tally.js';

export type Style = 'bold' | 'dim' | 'good' | 'bad' | 'warning';
export type Paint = (style: Style, text: string) => string;

/** The room there is. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
}

/** The width of the chapter's number and the gap behind it. */
const MARGIN = 5;
const GAP = 2;
const WIDEST = 120;
/** Lines of a frame that are not chapters: title, blank, heads, blank, tally, and the line of the cursor. */
const OTHER_LINES = 13;
const LABEL_WIDTH = 24;

/** A whole frame: title, the latest chapters in two columns, the tally. No line is wider than the room. */
export function frame(board: Board, room: Room): readonly string[] {
  const width = cellWidth(room.columns);
  const rows = board.rows.slice(-Math.max(1, room.rows - OTHER_LINES));
  const heads = SIDES.map((side) => room.paint('bold', SIDE_NAMES[side].padEnd(width))).join(' '.repeat(GAP));
  return [
    room.paint('bold', title(board)),
    '',
    ' '.repeat(MARGIN) + heads.trimEnd(),
    ...rows.map((row) => rowLine(row, width, room.paint)),
    '',
    ...tallyLines(board.tallies, room.paint),
  ];
}

/** The first line. */
export function title({ seed, secondsLeft, isOver, rows }: Board): string {
  const state = isOver
    ? `${rows.length} chapters`
    : secondsLeft > 0
      ? `${Math.ceil(secondsLeft)} s left`
      : 'last chapters';
  return `Moby-Dick in a storm: ${FAULT_RATE * 100} % of requests are faulty. Seed ${seed}, ${state}.`;
}

/** The last lines: what each side has, counted against the book. */
export function tallyLines(tallies: BySide<Tally>, paint: Paint): readonly string[] {
  const line = (
    label: string,
    cell: (tally: Tally, side: Side) => readonly [text: string, style?: Style | undefined],
  ): string =>
    label.padEnd(LABEL_WIDTH) +
    SIDES.map((side) => {
      const [text, style] = cell(tallies[side], side);
      const padded = text.padStart(SIDE_NAMES[side].length + GAP);
      return style === undefined ? padded : paint(style, padded);
    }).join(' '.repeat(GAP));
  const count = (verdict: Verdict) =>
    line(
      verdict,
      ({ verdicts }) =>
        [`${verdicts[verdict]}`, verdict === 'exact' ? 'good' : verdicts[verdict] > 0 ? 'bad' : undefined] as const,
    );
  return [
    line('', (_, side) => [SIDE_NAMES[side], 'bold']),
    line('faulty requests', ({ requests, faultyRequests }) => [`${faultyRequests} of ${requests}`]),
    count('exact'),
    count('cut'),
    count('doubled'),
    count('failed'),
    line('paid twice', (tally) => [percent(tally), isCheap(tally) ? undefined : 'bad']),
    line('identical to the book', (tally) => (isIdentical(tally) ? ['yes', 'good'] : ['no', 'bad'])),
  ];
}

/** A finished chapter as a line of its own, where nothing can be redrawn. */
export function plainRow({ chapter, words, cells }: Row): string {
  return `chapter ${chapter}: ${SIDES.map((side) => `${SIDE_NAMES[side]} ${outcome(cells[side], words)}`).join('; ')}`;
}

function cellWidth(columns: number): number {
  return Math.floor((Math.min(columns, WIDEST) - 1 - MARGIN - GAP) / 2);
}

function rowLine({ chapter, words, cells }: Row, width: number, paint: Paint): string {
  const [bare, ours] = SIDES.map((side) => cellText(cells[side], { words, width, paint }));
  return `${String(chapter).padStart(MARGIN - GAP)}${' '.repeat(GAP)}${bare ?? ''}${' '.repeat(GAP)}${ours ?? ''}`;
}

function cellText(
  cell: Cell,
  { words, width, paint }: { readonly words: number; readonly width: number; readonly paint: Paint },
): string {
  const fit = (text: string): string => (text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width));
  if (cell.verdict !== undefined) {
    const isExact = cell.verdict === 'exact';
    return paint(isExact ? 'good' : 'bad', fit(`${isExact ? '✓' : '✗'} ${outcome(cell, words)}`));
  }
  const barWidth = width < 50 ? 8 : 20;
  const filled = Math.min(barWidth, Math.round((cell.words / words) * barWidth));
  const text = fit(
    `${'━'.repeat(filled)}${'─'.repeat(barWidth - filled)} ${String(cell.words).padStart(3)}  ${cell.note}`,
  );
  return cell.note === '' ? text : paint('warning', text);
}

function outcome({ verdict, words: written, requests }: Cell, words: number): string {
  switch (verdict) {
    case 'exact':
      return `exact: ${words} words, ${requests} ${requests === 1 ? 'request' : 'requests'}`;
    case 'cut':
      return `saved, but cut: ${written} of ${words} words`;
    case 'doubled':
      return `saved, but not the book: ${written} words for ${words}`;
    case 'failed':
      return `failed after ${requests} requests`;
    case undefined:
      return 'unfinished';
    default:
      return verdict satisfies never;
  }
}

function percent({ paidTokens, twiceTokens }: Tally): string {
  return `${(paidTokens === 0 ? 0 : (twiceTokens / paidTokens) * 100).toFixed(1)} %`;
}

function isCheap({ paidTokens, twiceTokens }: Tally): boolean {
  return twiceTokens <= paidTokens * 0.02;
}
