/**
 * Returns a number of tokens that the tokenizers in use do not exceed for usual texts, where `estimateTokens` gives the
 * usual number.
 *
 * A word counts one token, and half a token more for each letter after its third; capitals count more. Digits and signs
 * count one each. Beyond ASCII, characters of two bytes count 1.3, all others 2.25. The space before a word is part of it.
 * @see docs/decisions/0020-a-budget-is-a-ceiling.md for how far it errs
 */
export function mostTokens(text: string): number {
  let tokens = 0;
  let letters = 0;
  let blanks = 0;
  let before = SIGN;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const kind = code < 128 ? (KINDS[code] ?? SIGN) : BEYOND;
    const isLetter = kind === LOWER || kind === UPPER;
    // Words in one piece ("camelCase") begin anew at a capital letter, and after a digit.
    letters = !isLetter || (kind === UPPER && before === LOWER) ? 0 : letters;
    blanks = kind === BLANK ? blanks + 1 : 0;
    if (isLetter) tokens += letters === 0 ? 1 : kind === UPPER ? 0.75 : letters < 3 ? 0 : 0.5;
    else if (kind === BLANK) tokens += blanks > 1 ? 0.5 : 0;
    else tokens += kind === SIGN ? 1 : code < 0x800 ? 1.3 : 2.25;
    if (isLetter) letters += 1;
    before = kind;
  }
  return Math.ceil(tokens * MARGIN);
}

/** Covers the texts of `test/core/token-counts.ts` for each of their tokenizers. */
const MARGIN = 1.05;

const [SIGN, LOWER, UPPER, BLANK, BEYOND] = [0, 1, 2, 3, 4];

/** The kinds of the ASCII characters. */
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code === 32) return BLANK;
  if (code >= 97 && code <= 122) return LOWER;
  return code >= 65 && code <= 90 ? UPPER : SIGN;
});
