/**
 * A number as Python prints `round(x, 2)`: two places at the most and one at least; what lies exactly between two goes to the even
 * one.
 * @example
 * ```ts
 * pythonRounded(109.6078); // '109.61'
 * pythonRounded(62.125); // '62.12'
 * pythonRounded(136); // '136.0'
 * ```
 */
export function pythonRounded(value: number): string {
  const rounded = isBetween(value) ? evenHundredths(value) : Number(value.toFixed(2));
  return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded);
}

/** Odd eighths are the only binary numbers that lie exactly between two hundredths. */
function isBetween(value: number): boolean {
  return Math.abs(value * 8) % 2 === 1;
}

function evenHundredths(value: number): number {
  const below = Math.floor(value * 100);
  return (below % 2 === 0 ? below : below + 1) / 100;
}
