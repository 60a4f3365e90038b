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
  /** As it was asked for: `model`, `label:book` … */
  readonly by: string;
  /** Epoch milliseconds; undefined: from the beginning. */
  readonly since: number | undefined;
  readonly until: number;
  readonly totals: Figures;
  /** The dearest first, then the one with the most tokens; days in their order. */
  readonly groups: readonly ReportGroup[];
  readonly timeline: Timeline;
}

export interface ReportGroup {
  /** Null: it has no such label. */
  readonly name: string | null;
  readonly figures: Figures;
  /** In the stretches of the report's timeline; it may end before it. */
  readonly stretches: readonly Figures[];
}

export interface ReportQuery {
  readonly file: string;
  readonly by: { readonly text: string; readonly dimension: Dimension };
  readonly since: number | undefined;
  /** Now. */
  readonly until: number;
  readonly mostStretches: number;
}

export async function readReport(
  reader: LedgerReader,
  { file, by, since, until, mostStretches }: ReportQuery,
): Promise<Report> {
  const start = since ?? 0;
  const span = await reader.span(start);
  const stretch = stretchOf({ first: since ?? span?.first ?? until, last: span?.last ?? until }, mostStretches);
  const groups = await reader.groups([by.dimension], start);
  const timelines = timelinesOf(groups.length === 0 ? [] : await reader.groups([by.dimension, stretch], start));
  return {
    file,
    by: by.text,
    since,
    until,
    totals: (await reader.groups([], start))[0]?.figures ?? NO_FIGURES,
    groups: groups
      .map(({ key: [place = null], figures }) => ({
        name: place === null ? null : String(place),
        figures,
        stretches: timelines.get(place) ?? [],
      }))
      .sort(by.dimension.kind === 'day' ? byName : byWeight),
    timeline: await timelineOf(reader, start, stretch),
  };
}

function byName({ name: a }: { readonly name: string | null }, { name: b }: { readonly name: string | null }): number {
  return (a ?? '') < (b ?? '') ? -1 : 1;
}

/** The dearest first, then the one with the most tokens. */
export function byWeight(
  { figures: a }: { readonly figures: Figures },
  { figures: b }: { readonly figures: Figures },
): number {
  const difference = spent(b.cost) - spent(a.cost);
  return difference > 0n ? 1 : difference < 0n ? -1 : b.tokens.total - a.tokens.total || b.requests - a.requests;
}
