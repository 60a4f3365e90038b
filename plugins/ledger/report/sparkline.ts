const BARS = '▁▂▃▄▅▆▇█';

/** One character a value, as high as its part of the largest; a blank for nothing at all. */
export function sparkline(values: readonly number[], columns: number): string {
  const sums = squeezed(values, columns);
  const most = Math.max(...sums, 0);
  return sums
    .map((value) => (value <= 0 ? ' ' : BARS[Math.min(Math.floor((value / most) * BARS.length), BARS.length - 1)]))
    .join('')
    .padEnd(columns);
}

/** Sums of neighbours where there are more values than columns. */
function squeezed(values: readonly number[], columns: number): readonly number[] {
  const each = Math.max(Math.ceil(values.length / columns), 1);
  return Array.from({ length: Math.ceil(values.length / each) }, (_, index) =>
    values.slice(index * each, (index + 1) * each).reduce((sum, value) => sum + value, 0),
  );
}
