const SENTENCE_END = /[.!?]['’"”)]*$/u;
const ABBREVIATION = /^\W*(?:mr|mrs|ms|dr|st|capt|no|vs|etc)\.$/iu;

/** Whether a sentence ends with this word (`sea.`, `sea!'`), abbreviations such as `Mr.` aside. */
export function endsSentence(word: string): boolean {
  return SENTENCE_END.test(word) && !ABBREVIATION.test(word);
}

/**
 * Where the last sentence contained in the text begins: the one that is broken off, or, when the text ends with a whole sentence, that
 * one. A new line begins a sentence too. 0 when there is only one.
 */
export function lastSentenceStart(text: string): number {
  let start = 0;
  let previous = '';
  for (const word of text.matchAll(/\S+/gu)) {
    const gap = text.slice(Math.max(0, word.index - 2), word.index);
    if (endsSentence(previous) || gap.includes('\n')) start = word.index;
    previous = word[0];
  }
  return start;
}

/** Where the last `count` words of the text begin, 0 when it has fewer. A word broken off at the end counts as one. */
export function lastWordsStart(text: string, count: number): number {
  const starts = Array.from(text.matchAll(/\S+/gu), (word) => word.index);
  return starts.at(-count) ?? 0;
}
