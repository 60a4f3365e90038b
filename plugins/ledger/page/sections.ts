import { byWeight } from '../report/report.js';
import type { Grouping, Report } from '../report/report.js';
import type { Dimension } from '../report/dimension.js';
import type { Group, LedgerReader } from '../report/ledger-reader.js';

/** A table of the page: its rows by one value, or by two. */
export interface Section {
  readonly title: string;
  readonly headings: readonly string[];
  readonly groups: readonly Group[];
}

const MOST_LABELS = 8;
const BOOK = 'book';
const CHAPTER = 'chapter';

/** What was asked for comes first; then books with their chapters, every other label, models, and providers if there are several. */
export async function sectionsOf(
  reader: LedgerReader,
  report: Report,
  asked: readonly Grouping[],
): Promise<readonly Section[]> {
  const since = report.since ?? 0;
  const names = (await reader.labelNames(since)).slice(0, MOST_LABELS);
  const labels = names.filter((name) => name !== CHAPTER || !names.includes(BOOK)).map(label);
  const chapters = names.includes(BOOK) && names.includes(CHAPTER) ? [[label(BOOK), label(CHAPTER)]] : [];
  const wanted: readonly (readonly Dimension[])[] = [
    asked.map(({ dimension }) => dimension),
    ...labels.filter(({ name }) => name === BOOK).map((each) => [each]),
    ...chapters,
    ...labels.filter(({ name }) => name !== BOOK).map((each) => [each]),
    [{ kind: 'model' }],
    [{ kind: 'provider' }],
  ];
  const distinct = new Map(wanted.map((dimensions) => [headingsOf(dimensions).join(), dimensions]));
  const sections: Section[] = [];
  for (const dimensions of distinct.values())
    sections.push({
      title: `By ${headingsOf(dimensions).join(' and ')}`,
      headings: headingsOf(dimensions),
      groups: inOrder(await reader.groups(dimensions, since), dimensions),
    });
  return sections.filter(
    ({ headings: [heading], groups }) => heading !== 'provider' || groups.length > 1 || report.by.includes('provider'),
  );
}

const label = (name: string) => ({ kind: 'label', name }) as const;

function headingsOf(dimensions: readonly Dimension[]): readonly string[] {
  return dimensions.map((dimension) => (dimension.kind === 'label' ? dimension.name : dimension.kind));
}

/** Chapters stand in their order within a book, days in theirs; all else by weight. */
function inOrder(groups: readonly Group[], [first, second]: readonly Dimension[]): readonly Group[] {
  if (second === undefined && first?.kind !== 'day') return groups.toSorted(byWeight);
  const text = ({ key }: Group, at: number): string => String(key[at] ?? '');
  const { compare } = new Intl.Collator('en', { numeric: true });
  return groups.toSorted((a, b) => compare(text(a, 0), text(b, 0)) || compare(text(a, 1), text(b, 1)));
}
