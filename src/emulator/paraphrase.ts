const OTHER_WORDS: Readonly<Record<string, string>> = {
  a: 'some',
  all: 'the whole of',
  and: 'as well as',
  as: 'just like',
  at: 'over by',
  but: 'however',
  by: 'close to',
  for: 'on behalf of',
  from: 'out of',
  had: 'once had',
  he: 'that man',
  his: "that man's",
  i: 'this writer',
  in: 'within',
  is: 'remains',
  it: 'the thing',
  like: 'much as',
  my: "this writer's",
  not: 'never',
  of: 'belonging to',
  on: 'upon',
  or: 'or else',
  so: 'thus',
  that: 'which',
  the: 'that same',
  then: 'after that',
  there: 'in that place',
  this: 'such a',
  to: 'towards',
  was: 'had been',
  with: 'along with',
};

/**
 * Says a few words in other words: of two neighbours at least one is replaced, or something is put between them, so that no two words
 * of the original follow each other.
 */
export function paraphrase(text: string): string {
  let keptLast = false;
  return text.replaceAll(/\S+/gu, (word) => {
    const other = OTHER_WORDS[word.toLowerCase()];
    const reworded = other ?? (keptLast ? `indeed ${word}` : word);
    keptLast = other === undefined;
    return reworded;
  });
}
