/**
 * The length of the longest suffix that also occurs earlier in the text, overlaps included: 2 for `ab…ab`, n − 1 for n
 * equal characters. Uses the Z-algorithm on the reversed text (D. Gusfield, Algorithms on Strings, Trees and Sequences,
 * 1997, §1.3): linear time, one number per character in memory.
 */
export function repeatedSuffixLength(text: string): number {
  const { length } = text;
  const matched = new Int32Array(length);
  const last = length - 1;
  let [left, right, longest] = [0, 0, 0];
  for (let at = 1; at < length; at += 1) {
    let count = at < right ? Math.min(right - at, matched[at - left] ?? 0) : 0;
    while (at + count < length && text.charCodeAt(last - count) === text.charCodeAt(last - at - count)) count += 1;
    matched[at] = count;
    if (at + count > right) [left, right] = [at, at + count];
    if (count > longest) longest = count;
  }
  return longest;
}
