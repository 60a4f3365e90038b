/**
 * The length of the shortest suffix that occurs only once in the text and does not repeat itself: neither does it occur
 * earlier, overlaps included, nor is it twice or more the same piece. Such a run could go on behind the text. The text's
 * length + 1 if there is none. Uses the Z-algorithm on the reversed text (D. Gusfield, Algorithms on Strings, Trees and
 * Sequences, 1997, §1.3): linear time, one number per character in memory.
 */
export function distinctSuffixLength(text: string): number {
  const { length } = text;
  const matched = new Int32Array(length);
  const last = length - 1;
  let [left, right, longest] = [0, 0, 0];
  for (let at = 1; at < length; at += 1) {
    let count = at < right ? Math.min(right - at, matched[at - left] ?? 0) : 0;
    while (at + count < length && text.charCodeAt(last - count) === text.charCodeAt(last - at - count)) count += 1;
    matched[at] = count;
    if (at + count > right) [left, right] = [at, at + count];
    // The suffix of this length is a run of pieces of `at` characters.
    longest = Math.max(longest, count >= at ? at + count : count);
  }
  return longest + 1;
}
