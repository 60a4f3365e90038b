/**
 * Builds the instruction that makes a model without native prefill continue a text. It is in the language of the
 * prompt, judged by its commonest words; the default is English.
 * @param custom the user's own wording, with `{anchor}` in place of the last words of the text
 */
export function continuationInstruction({
  prompt,
  anchor,
  custom,
}: {
  readonly prompt: string;
  readonly anchor: string;
  readonly custom: string | null;
}): string {
  return (custom ?? WORDINGS[languageOf(prompt)]).replaceAll('{anchor}', () => anchor);
}

type Language = 'en' | 'de' | 'fr' | 'es' | 'it';

const WORDINGS: Readonly<Record<Language, string>> = {
  en: 'Your answer was interrupted. Continue the text exactly where it left off. Do not repeat what is already there, and do not add a comment or a heading. Its next words are known; begin with them, to the letter, and go straight on:\n\n{anchor}',
  de: 'Deine Antwort wurde unterbrochen. Setze den Text genau dort fort, wo er abgebrochen ist. Wiederhole nichts, was schon dasteht, und füge weder Kommentar noch Überschrift hinzu. Die nächsten Wörter stehen fest; beginne mit ihnen, buchstabengetreu, und schreibe ohne Absatz weiter:\n\n{anchor}',
  fr: "Ta réponse a été interrompue. Continue le texte exactement là où il s'est arrêté. Ne répète rien de ce qui est déjà écrit, n'ajoute ni commentaire ni titre. Les mots suivants sont connus ; commence par eux, à la lettre, et continue aussitôt :\n\n{anchor}",
  es: 'Tu respuesta se interrumpió. Continúa el texto exactamente donde quedó. No repitas lo que ya está escrito ni añadas comentarios o títulos. Las palabras siguientes ya se conocen; empieza con ellas, al pie de la letra, y sigue sin más:\n\n{anchor}',
  it: 'La tua risposta è stata interrotta. Continua il testo esattamente da dove si è fermato. Non ripetere ciò che è già scritto e non aggiungere commenti o titoli. Le parole seguenti sono note; comincia da esse, alla lettera, e prosegui subito:\n\n{anchor}',
};

const COMMON_WORDS: Readonly<Record<Language, ReadonlySet<string>>> = {
  en: new Set(['the', 'of', 'and', 'in', 'is', 'that', 'with', 'for', 'you', 'write', 'about', 'an']),
  de: new Set(['der', 'die', 'das', 'und', 'ein', 'eine', 'über', 'mit', 'des', 'den', 'du', 'von', 'schreibe', 'für']),
  fr: new Set(['le', 'les', 'des', 'et', 'une', 'un', 'du', 'dans', 'pour', 'sur', 'tu', 'vous', 'est', 'écris']),
  es: new Set(['el', 'los', 'las', 'y', 'una', 'del', 'para', 'sobre', 'con', 'por', 'que', 'escribe', 'eres', 'un']),
  it: new Set(['il', 'gli', 'e', 'di', 'una', 'della', 'del', 'per', 'sulla', 'con', 'che', 'scrivi', 'sei', 'un']),
};

/** Length of the part of the prompt that is examined. */
const LOOKED_AT = 2_000;

function languageOf(prompt: string): Language {
  const words = prompt
    .slice(0, LOOKED_AT)
    .toLowerCase()
    .split(/[^\p{L}]+/u);
  const score = (language: Language): number => words.filter((word) => COMMON_WORDS[language].has(word)).length;
  const languages = Object.keys(WORDINGS) as Language[];
  return languages.reduce((best, language) => (score(language) > score(best) ? language : best), 'en');
}
