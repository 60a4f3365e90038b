/** The large crowd of `npm run limits`. */
export const IS_FULL = process.env.LIMITS === 'full';

/** Shows what was measured, in a full run only. */
export function show(what: string, figures: Readonly<Record<string, number | string>>): void {
  if (!IS_FULL) return;
  const shown = Object.entries(figures).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? Math.round(value * 1000) / 1000 : value}`,
  );
  process.stderr.write(`${what}: ${shown.join(', ')}\n`);
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** The most of these moments in any stretch of so many milliseconds. */
export function peakIn(windowMs: number, moments: readonly number[]): number {
  const sorted = moments.toSorted((a, b) => a - b);
  return Math.max(0, ...sorted.map((start) => sorted.filter((at) => at >= start && at < start + windowMs).length));
}
