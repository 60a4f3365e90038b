import type { Group, LedgerReader } from './ledger-reader.js';
import { NO_FIGURES } from './figures.js';
import type { Figures } from './figures.js';
import type { Dimension } from './dimension.js';

/** Figures over time, in stretches of equal length without a gap. */
export interface Timeline {
  /** Epoch milliseconds, a whole number of stretches after 1970. */
  readonly from: number;
  readonly widthMs: number;
  readonly stretches: readonly Figures[];
}

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const WIDTHS = [1, 2, 5, 10, 15, 30]
  .map((minutes) => minutes * MINUTE)
  .concat(
    [1, 2, 3, 6, 12].map((hours) => hours * HOUR),
    [1, 2, 7, 14, 28, 91, 364].map((days) => days * DAY),
  );

/** The narrowest usual stretch of which at most so many cover a time. */
export function stretchOf(
  { first, last }: { readonly first: number; readonly last: number },
  most: number,
): Extract<Dimension, { kind: 'time' }> {
  const fits = (widthMs: number): boolean => Math.floor(last / widthMs) - Math.floor(first / widthMs) < most;
  const widthMs = WIDTHS.find(fits) ?? Math.ceil((last - first + 1) / (most - 1));
  return { kind: 'time', widthMs, from: Math.floor(first / widthMs) * widthMs };
}

/** The whole ledger's timeline, from a time on. */
export async function timelineOf(
  reader: LedgerReader,
  since: number,
  stretch: Extract<Dimension, { kind: 'time' }>,
): Promise<Timeline> {
  const { from, widthMs } = stretch;
  return {
    from,
    widthMs,
    stretches: filled(
      (await reader.groups([stretch], since)).map(({ key: [place], figures }) => ({ place: Number(place), figures })),
    ),
  };
}

/** The timeline of each place under the dimensions before the last, by the place as JSON. */
export function timelinesOf(groups: readonly Group[]): ReadonlyMap<string, readonly Figures[]> {
  const byName = new Map<string, Group[]>();
  for (const group of groups) {
    const place = JSON.stringify(group.key.slice(0, -1));
    byName.set(place, [...(byName.get(place) ?? []), group]);
  }
  const last = greatest(groups.map(({ key }) => Number(key.at(-1))));
  return new Map(
    [...byName].map(([name, parts]) => [
      name,
      filled(
        parts.map(({ key, figures }) => ({ place: Number(key.at(-1)), figures })),
        last,
      ),
    ]),
  );
}

function filled(
  parts: readonly { readonly place: number; readonly figures: Figures }[],
  last = greatest(parts.map(({ place }) => place)),
): readonly Figures[] {
  const stretches = Array.from({ length: last + 1 }, () => NO_FIGURES);
  for (const { place, figures } of parts) stretches[place] = figures;
  return stretches;
}

/** Of any number of places; -1 where there is none. */
function greatest(places: readonly number[]): number {
  return places.reduce((most, place) => Math.max(most, place), -1);
}
