/** US dollars a token, as an exact decimal text, in dollars a million tokens: as exact, but with two decimals at least. */
export function perMillion(price: string | undefined): string {
  if (price === undefined) return '–';
  const [, whole = '', fraction = '', exponent = '0'] = /^(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(price) ?? [];
  const digits = whole + fraction;
  if (digits === '') return '–';
  if (/^0*$/.test(digits)) return 'free';
  const point = whole.length + Number(exponent) + 6;
  const padded = digits.padEnd(point, '0').padStart(digits.length + Math.max(1 - point, 0), '0');
  const at = Math.max(point, 1);
  const dollars = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  return `${dollars}.${padded.slice(at).replace(/0+$/, '').padEnd(2, '0')}`;
}
