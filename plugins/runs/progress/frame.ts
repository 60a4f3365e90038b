import { cutToWidth, shownLine, widthOf } from 'scriptorium/plugin';
import type { Board, Times } from './board.js';
import type { Flight } from './flight.js';
import { costText, dollars, durationText, itemCount, reasonText, timeText, whole } from './format.js';

/** The looks of a part of a frame. */
export type Style = 'bold' | 'dim' | 'good' | 'bad' | 'warning';
export type Paint = (style: Style, text: string) => string;

/** The room that a frame has. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
}

/** Lines that are not items: head, bar, foot, and the line of the cursor. */
const OTHER_LINES = 4;
const WIDEST_BAR = 60;

/** The lines of a frame: the run, a bar over all items, a line an item in flight, and sums. None is wider than the room. */
export function frame(board: Board, times: Times, room: Room): readonly string[] {
  const columns = Math.max(1, room.columns - 1);
  const flights = [...board.flights.values()];
  const most = Math.max(1, room.rows - OTHER_LINES - 1);
  const shown = flights.slice(0, most);
  const others = flights.length - shown.length;
  return [
    head(board, columns, room.paint),
    bar(board, columns, room.paint),
    ...flightLines(shown, times, { ...room, columns }),
    ...(others > 0 ? [cutToWidth(`  … and ${whole(others)} more`, columns)] : []),
    ...waitLines(board, times, { ...room, columns }),
    foot(board, times, columns),
  ];
}

function head({ run }: Board, columns: number, paint: Paint): string {
  if (run === undefined) return paint('bold', cutToWidth('The run begins', columns));
  const { done, failed, parked, cancelled } = run.items;
  const counts = [
    `${whole(done)} of ${whole(itemCount(run))} done`,
    ...(failed > 0 ? [`${whole(failed)} failed`] : []),
    ...(parked > 0 ? [`${whole(parked)} parked`] : []),
    ...(cancelled > 0 ? [`${whole(cancelled)} cancelled`] : []),
  ].join(', ');
  const name = cutToWidth(shownLine(run.name), Math.max(8, columns - counts.length - 2));
  const text = cutToWidth(`${name}  ${counts}`, columns);
  return failed > 0 ? paint('bad', text) : paint('bold', text);
}

function bar({ run, progress }: Board, columns: number, paint: Paint): string {
  const all = run === undefined ? 1 : Math.max(1, itemCount(run));
  const share = Math.min(1, progress / all);
  const percent = ` ${String(Math.floor(share * 100)).padStart(3)} %`;
  const width = Math.max(1, Math.min(WIDEST_BAR, columns - percent.length));
  const filled = Math.floor(share * width);
  return `${paint('good', '━'.repeat(filled))}${paint('dim', '─'.repeat(width - filled))}${percent}`;
}

/** The names get a quarter of the room at the most. */
function flightLines(flights: readonly Flight[], times: Times, { columns, paint }: Room): readonly string[] {
  const names = flights.map(({ item }) => cutToWidth(shownLine(item), Math.max(6, Math.floor(columns / 4))));
  const widest = Math.max(0, ...names.map(widthOf));
  return flights.map((flight, at) => {
    const name = names[at] ?? '';
    const { text, isWaiting } = flight.state(times);
    const words = `${whole(flight.words)} words`.padStart(12);
    const line = `  ${name}${' '.repeat(widest - widthOf(name))}${words}  ${shownLine(text)}`;
    const cut = cutToWidth(line.trimEnd(), columns);
    return isWaiting ? paint('warning', cut) : cut;
  });
}

function waitLines({ waiting, flights }: Board, { now }: Times, { columns, paint }: Room): readonly string[] {
  if (waiting === undefined || flights.size > 0) return [];
  if (waiting.untilMs === undefined) return [cutToWidth('  Waits for other processes, which write the rest', columns)];
  const why = reasonText(waiting.reason) ?? 'nothing is ready';
  return [paint('warning', cutToWidth(`  Waits until ${nearTime(waiting.untilMs, now)}: ${shownLine(why)}`, columns))];
}

/** The sums, as many as there is room for; the first are the most useful. */
function foot(board: Board, times: Times, columns: number): string {
  const { run } = board;
  const endsAt = board.endsAt(times);
  const parts = [
    `${whole(board.words)} words`,
    `${board.tokensPerSecond(times.monotonic).toFixed(0)} tokens/s`,
    ...(run === undefined ? [] : [costText(run.cost) + budgetText(run.limits.budgetUsd)]),
    ...(endsAt === undefined ? [] : [`ends about ${nearTime(endsAt, times.now)}`]),
  ];
  return parts.reduce((line, part) => {
    const longer = line === '' ? part : `${line} · ${part}`;
    return widthOf(longer) <= columns ? longer : line === '' ? cutToWidth(part, columns) : line;
  }, '');
}

function budgetText(budgetUsd: number): string {
  return budgetUsd === 0 ? '' : ` of ${dollars(budgetUsd)}`;
}

const DAY_MS = 86_400_000;

/** A time without its day if that is near. */
function nearTime(ms: number, now: number): string {
  const time = timeText(ms);
  return `${ms - now < DAY_MS ? time.slice(11) : time} (${durationText(ms - now)})`;
}
