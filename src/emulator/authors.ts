import { writeTask } from './author/biographer.js';
import type { Commission } from './author/biographer.js';
import { writeProse } from './prose.js';
import type { ProseRequest } from './prose.js';
import { recite } from './recital.js';

/** The name of an author: the book recited, the n-gram model, or the author of books. */
export type AuthorName = 'book' | 'ngram' | 'biographer';

/** Which text an author writes. */
export interface Commissioned extends ProseRequest {
  /** The part of a book that is asked for, if one is. */
  readonly commission?: Commission;
}

/** The authors. Each gives the whole text that begins with `start`; same request, same text. */
export const AUTHORS: Readonly<Record<AuthorName, (request: Commissioned) => string>> = {
  book: recite,
  ngram: writeProse,
  biographer: ({ commission, ...request }) =>
    commission === undefined ? writeProse(request) : behind(request.start ?? '', writeTask(commission)),
};

/** A foreign start is kept, and the text follows it. */
function behind(start: string, text: string): string {
  return text.startsWith(start) ? text : `${start.trimEnd()}\n\n${text}`;
}
