/** The number that a value stands for, or NaN. Texts may end in k or M: `32k` is 32,000, `1.5M` is 1,500,000. */
export function numeric(value: unknown): number {
  if (typeof value !== 'string') return typeof value === 'number' ? value : NaN;
  const [, digits, unit = ''] = /^\s*(\S*?\d\.?)([kKmM])\s*$/.exec(value) ?? [];
  // To 12 digits, since 1.1 × 1000 is not exactly 1100 in binary.
  if (digits !== undefined) return Number((Number(digits) * (unit.toLowerCase() === 'k' ? 1e3 : 1e6)).toPrecision(12));
  return value.trim() === '' ? NaN : Number(value);
}
