import { shownLine, widthOf } from 'scriptorium/plugin';
import { spent, successRate } from './figures.js';
import type { Figures } from './figures.js';
import type { Report } from './report.js';
import { fitted } from './fitted.js';
import { shownCount, shownMoney, shownMs, shownShare } from './shown.js';
import { sparkline } from './sparkline.js';

interface Column {
  readonly title: string;
  readonly show: (figures: Figures) => string;
  /** The narrowest terminal in which it is shown. */
  readonly from: number;
}

const percentile =
  (key: 'latencyMs' | 'timeToFirstTokenMs', which: 'p50' | 'p90' | 'p99') =>
  (figures: Figures): string =>
    figures[key].count === 0 ? '–' : shownMs(figures[key][which]);

const COLUMNS: readonly Column[] = [
  { title: 'requests', show: ({ requests }) => shownCount(requests), from: 0 },
  { title: 'ok', show: (figures) => shownShare(successRate(figures)), from: 60 },
  { title: 'retries', show: ({ retries }) => shownCount(retries), from: 110 },
  { title: 'tokens', show: ({ tokens }) => shownCount(tokens.total), from: 0 },
  { title: 'cost', show: ({ cost }) => shownMoney(cost), from: 0 },
  { title: 'p50', show: percentile('latencyMs', 'p50'), from: 70 },
  { title: 'p90', show: percentile('latencyMs', 'p90'), from: 100 },
  { title: 'p99', show: percentile('latencyMs', 'p99'), from: 110 },
  { title: 'first token', show: percentile('timeToFirstTokenMs', 'p50'), from: 110 },
];

/** No wider, however wide the terminal is. */
const WIDEST = 160;
const NARROWEST_NAME = 8;
/** Further ones are for programs to read. */
export const MOST_ROWS = 300;

/** A table of at most so many columns, with a line of totals and a line over time. */
export function table(report: Report, columns: number): string {
  const width = Math.min(columns, WIDEST);
  const by = shownLine(report.by.join(', '));
  const [shown, measure] = [COLUMNS.filter(({ from }) => from <= width), measureOf(report)];
  const rows = [
    ...report.groups.slice(0, MOST_ROWS).map(({ names, figures, stretches }) => ({
      name: names.map(nameOf).join(', '),
      figures,
      line: stretches.map(measure.of),
    })),
    { name: 'total', figures: report.totals, line: report.timeline.stretches.map(measure.of) },
  ];
  return lined({ by, rows, shown, width, measure });
}

interface TableParts {
  readonly by: string;
  /** The last one is that of the totals. */
  readonly rows: readonly { readonly name: string; readonly figures: Figures; readonly line: readonly number[] }[];
  readonly shown: readonly Column[];
  readonly width: number;
  readonly measure: { readonly title: string };
}

function lined({ by, rows, shown, width, measure }: TableParts): string {
  const cells = rows.map(({ figures }) => shown.map(({ show }) => show(figures)));
  const widths = shown.map(({ title }, index) =>
    Math.max(title.length, ...cells.map((row) => widthOf(row[index] ?? ''))),
  );
  const room = width - widths.reduce((sum, each) => sum + each + 2, 0);
  const lineWidth =
    room >= NARROWEST_NAME + 14 ? Math.min(24, Math.max(12, room - 50), rows.at(-1)?.line.length ?? 0) : 0;
  const nameWidth = Math.max(
    Math.min(
      room - (lineWidth === 0 ? 0 : lineWidth + 2),
      Math.max(widthOf(by), ...rows.map(({ name }) => widthOf(name))),
    ),
    NARROWEST_NAME,
  );
  const join = (name: string, row: readonly string[], line: string): string =>
    [
      fitted(name, nameWidth),
      ...row.map((cell, index) => cell.padStart(widths[index] ?? 0)),
      ...(lineWidth === 0 ? [] : [line]),
    ]
      .join('  ')
      .trimEnd();
  const printed = rows.map(({ name, line }, index) => join(name, cells[index] ?? [], sparkline(line, lineWidth)));
  const heading = join(
    by,
    shown.map(({ title }) => title),
    measure.title.slice(0, lineWidth),
  );
  const rule = '─'.repeat(Math.max(...[heading, ...printed].map(widthOf)));
  return [heading, rule, ...printed.slice(0, -1), rule, printed.at(-1)].join('\n');
}

/** The line over time shows money where there is any. */
function measureOf({ totals }: Report) {
  return spent(totals.cost) > 0n
    ? { title: 'spend', of: ({ cost }: Figures) => Number(spent(cost)) }
    : { title: 'tokens', of: ({ tokens }: Figures) => tokens.total };
}

function nameOf(name: string | null): string {
  return name === null ? '(none)' : shownLine(name) || '(empty)';
}
