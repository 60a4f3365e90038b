import { shownLine } from 'scriptorium/plugin';
import type { Report } from './report.js';
import { shownCount, shownMoney, shownMs } from './shown.js';
import { MOST_ROWS, table } from './table.js';

/** What `scriptorium stats` prints for a reader. */
export function terminalReport(report: Report, columns: number): string {
  const { file, where, since, totals, timeline, groups } = report;
  const period = [
    since === undefined ? 'from the beginning' : `since ${minute(since)}`,
    ...where.map((filter) => `where ${shownLine(filter)}`),
  ].join(', ');
  if (totals.requests + totals.attempts === 0) return `${shownLine(file)}: nothing was generated ${period}.\n`;
  const { tokens, attemptsBySource, cost, failed, cancelled } = totals;
  const until = timeline.from + timeline.widthMs * timeline.stretches.length;
  const notes = [
    ...(groups.length > MOST_ROWS
      ? [`${shownCount(groups.length - MOST_ROWS)} more rows are left out; --json and --csv have all.`]
      : []),
    `Tokens: ${shownCount(tokens.prompt)} prompt (${shownCount(tokens.cached)} cached), ${shownCount(tokens.completion)} completion (${shownCount(tokens.reasoning)} reasoning).`,
    `Generations: ${failed} failed, ${cancelled} cancelled. Attempts: ${Object.entries(attemptsBySource)
      .filter(([, count]) => count > 0)
      .map(([source, count]) => `${count} ${source}`)
      .join(', ')}.`,
    ...(cost.unmeasuredAttempts > 0
      ? [`Nobody knows what ${cost.unmeasuredAttempts} attempt(s) cost: ${shownMoney(cost)} is the least.`]
      : []),
    `Over time: ${minute(timeline.from)} to ${minute(until)} UTC, ${shownStretch(timeline.widthMs)} a step.`,
  ];
  return `${[`${shownLine(file)}, ${period}`, '', table(report, columns), '', ...notes.flatMap((note) => wrapped(note, columns))].join('\n')}\n`;
}

function minute(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T', ' ');
}

function shownStretch(ms: number): string {
  const [days, hours] = [ms / 86_400_000, ms / 3_600_000];
  return days >= 1
    ? `${Math.round(days)} d`
    : hours >= 1
      ? `${hours} h`
      : ms >= 60_000
        ? `${ms / 60_000} min`
        : shownMs(ms);
}

function wrapped(text: string, columns: number): readonly string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
