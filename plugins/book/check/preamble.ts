import type { Defect } from './defect.js';
import { beginning, isHeading, paragraphsOf } from './paragraphs.js';

/** How assistants begin an answer, in the languages of books. */
const OPENING =
  /^(?:certainly|sure|of course|absolutely|here(?:'s| is| are)|below is|as requested|as an ai|i'(?:ll|ve)|claro|por supuesto|desde luego|aquí (?:tienes?|está|va)|a continuación|con gusto|voici|bien sûr|certainement|natürlich|gern|hier ist|certo|ecco|claro que sim|aqui está)(?!\p{L})/iu;
/** How they end it. */
const CLOSING =
  /^(?:i hope|let me know|would you like|feel free|if you(?:'d| would)? like|please let me|espero que|te gustaría|quieres|si (?:quieres|deseas|necesitas)|no dudes|n'hésitez|souhaitez|ich hoffe|möchten sie|spero che|fammi sapere|espero ter)/iu;
/** What they speak of there, as authors do not within it. */
const SECTION =
  /(?<!\p{L})(?:chapter|section|draft|revised|capítulo|sección|borrador|chapitre|kapitel|abschnitt|capitolo|sezione|seção)(?!\p{L})/iu;
/** Whom they speak to. */
const REQUEST =
  /(?<!\p{L})(?:you|your|requested|pediste|pidió|solicit\p{L}+|tu|su|usted|demandé|souhaitez|gewünscht\p{L}*|richiesto|pediu|gustaría|quieres|deseas)(?!\p{L})/iu;

/** Words of the assistant around the section: before its heading, at its beginning, at its end. */
export function preambleDefects(text: string): readonly Defect[] {
  return remarks(paragraphsOf(text)).map((paragraph) => ({
    kind: 'preamble',
    message: `"${beginning(paragraph)}" is a remark about the task. Leave it out.`,
  }));
}

/** The text without them. */
export function withoutPreamble(text: string): string {
  const paragraphs = paragraphsOf(text);
  const found = remarks(paragraphs);
  return found.length === 0 ? text : paragraphs.filter((paragraph) => !found.includes(paragraph)).join('\n\n');
}

function remarks(paragraphs: readonly string[]): readonly string[] {
  const first = paragraphs.findIndex((paragraph) => !isHeading(paragraph));
  const opening = paragraphs[first];
  const closing = paragraphs.at(-1);
  return [
    ...(opening !== undefined && isRemark(opening, OPENING) ? [opening] : []),
    ...(closing !== undefined && closing !== opening && isRemark(closing, CLOSING) ? [closing] : []),
  ];
}

const LONGEST_REMARK = 400;

function isRemark(paragraph: string, pattern: RegExp): boolean {
  const bare = paragraph.replace(/^[*_¡¿\s]+/u, '');
  if (paragraph.length > LONGEST_REMARK || !pattern.test(bare) || !SECTION.test(bare)) return false;
  return bare.endsWith(':') || REQUEST.test(bare);
}
