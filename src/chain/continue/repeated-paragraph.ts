/** Shorter ones may well come twice: a refrain, a heading, a line of dialogue. */
const LEAST_CHARACTERS = 200;

/** Whether a whole paragraph of the addition, and not a short one, stands in the text before it: the model goes in circles. */
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
