import { writeProse } from './prose.js';
import type { ProseRequest } from './prose.js';
import { recite } from './recital.js';

/** The name of an author: the book recited, or the n-gram model. */
export type AuthorName = 'book' | 'ngram';

/** The authors. Each gives the whole text that begins with `start`; same request, same text. */
export const AUTHORS: Readonly<Record<AuthorName, (request: ProseRequest) => string>> = {
  book: recite,
  ngram: writeProse,
};
