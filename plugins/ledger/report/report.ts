import { spent, NO_FIGURES } from './figures.js';
import type { Figures } from './figures.js';
import type { Dimension } from './dimension.js';
import type { LedgerReader } from './ledger-reader.js';
import { stretchOf, timelineOf, timelinesOf } from './timeline.js';
import type { Timeline } from './timeline.js';

/** What `scriptorium stats` shows. */
export interface Report {
  /** The ledger. */
  readonly file: string;
  /** As they were asked for: `model`, `label:book` … */
  readonly by: readonly string[];
  /** As they were asked for: `book=ada` … */
  readonly where: readonly string[];
  /** Epoch milliseconds; undefined: from the beginning. */
  readonly since: number | undefined;
  readonly until: number;
  readonly totals: Figures;
  /** The dearest first, then the one with the most tokens; days, and groups by several dimensions, in their order. */
  readonly groups: readonly ReportGroup[];
  readonly timeline: Timeline;
}

export interface ReportGroup {
  /** A value for each of the report's dimensions. Null: it has no such label. */
  readonly names: readonly (string | null)[];
  readonly figures: Figures;
  /** In the stretches of the report's timeline; it may end before it. */
  readonly stretches: readonly Figures[];
}

/** A dimension with its name. */
export interface Grouping {
  readonly text: string;
  readonly dimension: Dimension;
}

export interface ReportQuery {
  readonly file: string;
  readonly by: readonly Grouping[];
  readonly where?: readonly string[];
  readonly since: number | undefined;
  /** Now. */
  readonly until: number;
  readonly mostStretches: number;
}

export async function readReport(
  reader: LedgerReader,
  { file, by, where = [], since, until, mostStretches }: ReportQuery,
): Promise<Report> {
  const start = since ?? 0;
  const span = await reader.span(start);
  const stretch = stretchOf({ first: since ?? span?.first ?? until, last: span?.last ?? until }, mostStretches);
  const dimensions = by.map(({ dimension }) => dimension);
  const groups = await reader.groups(dimensions, start);
  const timelines = timelinesOf(groups.length === 0 ? [] : await reader.groups([...dimensions, stretch], start));
  return {
    file,
    by: by.map(({ text }) => text),
    where,
    since,
    until,
    totals: (await reader.groups([], start))[0]?.figures ?? NO_FIGURES,
    groups: groups
      .map(({ key, figures }) => ({
        names: key.map((place) => (place === null ? null : String(place))),
        figures,
        stretches: timelines.get(JSON.stringify(key)) ?? [],
      }))
      .sort(
        dimensions[0]?.kind === 'day' || dimensions.length > 1 ? byNames : (a, b) => byWeight(a, b) || byNames(a, b),
      ),
    timeline: await timelineOf(reader, start, stretch),
  };
}

const { compare } = new Intl.Collator('en', { numeric: true });

/** Chapters in their order within a book, days in theirs. */
function byNames({ names: a }: Pick<ReportGroup, 'names'>, { names: b }: Pick<ReportGroup, 'names'>): number {
  return a.map((name, at) => compare(name ?? '', b[at] ?? '')).find((order) => order !== 0) ?? 0;
}

/** The dearest first, then the one with the most tokens. */
export function byWeight(
  { figures: a }: { readonly figures: Figures },
  { figures: b }: { readonly figures: Figures },
): number {
  const difference = spent(b.cost) - spent(a.cost);
  return difference > 0n ? 1 : difference < 0n ? -1 : b.tokens.total - a.tokens.total || b.requests - a.requests;
}
