import type { Defect } from './defect.js';

const URL_IN_TEXT = /\b(?:https?:\/\/|www\.)[^\s<>()[\]"'`]+/giu;

/** Web addresses that are not in the sources. */
export function urlDefects(text: string, sources: string): readonly Defect[] {
  const known = new Set(urlsIn(sources));
  return [...new Set(urlsIn(text))]
    .filter((url) => !known.has(url))
    .map((url) => ({ kind: 'url', message: `${url} is not in the sources of the book. Leave it out.` }));
}

function urlsIn(text: string): readonly string[] {
  return Array.from(text.matchAll(URL_IN_TEXT), ([url]) => url.replace(/[.,;:!?*_]+$/u, ''));
}
