/** Shorter paragraphs may repeat legitimately: a refrain, a heading, a line of dialogue. */
const LEAST_CHARACTERS = 200;

/** Whether the addition repeats a long paragraph of the text before it, which means that the model is looping. */
export function repeatedParagraph(before: string, addition: string): boolean {
  const known = new Set(paragraphsOf(before));
  return paragraphsOf(addition).some((paragraph) => known.has(paragraph));
}

function paragraphsOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph.length >= LEAST_CHARACTERS);
}
