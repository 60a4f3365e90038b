import type { CoverageData } from '../../test/simulation/coverage.js';
import { countsOf, LEAST_COUNT } from './requirements.js';
import type { FaultRow } from './requirements.js';
import { cut, grid, whole, WIDTH } from './text.js';

/**
 * The count of every event type, error code, wait reason and fault row.
 * @param isFull marks the counts that are too small
 */
export function coverageTable(data: CoverageData, rows: readonly FaultRow[], isFull: boolean): readonly string[] {
  const isRare = (count: number): boolean => isFull && count < LEAST_COUNT;
  const tables = countsOf(data, rows);
  const lines = Object.entries(tables).flatMap(([kind, counts]) => {
    const cells = Object.entries(counts).map(([name, count]): [string, string] => [
      name,
      `${whole(count)}${isRare(count) ? ' !' : isFull ? '  ' : ''}`,
    ]);
    return cells.length === 0 ? [] : ['', kind, ...grid(cells).map((line) => line.trimEnd())];
  });
  const rare = rows.filter(({ row }) => isRare(tables['fault rows'][String(row)] ?? 0));
  const titles = rare.map(({ row, title }) => cut(`  ${String(row).padStart(4)}  ${title}`, WIDTH));
  return [
    ...lines,
    ...(titles.length === 0 ? [] : ['', `fault rows under ${LEAST_COUNT}`, ...new Set(titles)]),
    ...(isFull ? ['', `!  under ${LEAST_COUNT}`] : []),
  ];
}
