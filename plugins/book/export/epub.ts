import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BoundBook } from './bound-book.js';
import { needed } from './needed.js';
import { printable } from './printable.js';

const PACKAGES = { packages: '@lesjoursfr/html-to-epub@4.5.2 marked@18', for: 'An EPUB file' };

/** @throws GenerationError if they are not installed */
export const epubPackages = () =>
  needed(async () => {
    const [epub, marked] = await Promise.all([import('@lesjoursfr/html-to-epub'), import('marked')]);
    return { ...epub, ...marked };
  }, PACKAGES);

/** The book as an EPUB 3 file. Markup in the texts is shown as it is written; nothing is loaded from the network. */
export async function epubOf({ title, language, sections }: BoundBook): Promise<Uint8Array> {
  const { EPub, Marked } = await epubPackages();
  const marked = new Marked({
    renderer: { html: ({ text }) => escaped(text), image: ({ text }) => escaped(text), link: linked },
  });
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-epub-'));
  try {
    const path = join(folder, 'book.epub');
    const content = sections.map((section) => ({
      title: section.title === '' ? title : section.title,
      data: marked.parse(printable(section.text), { async: false }),
    }));
    const options = { title, description: title, author: [], lang: language, content, appendChapterTitles: false };
    await new EPub({ ...options, tempDir: folder, version: 3 }, path).render();
    return readFileSync(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Only addresses of the web are links. */
function linked({ href, text }: { readonly href: string; readonly text: string }): string {
  return /^https?:\/\//u.test(href)
    ? `<a href="${escaped(href).replaceAll('"', '&quot;')}">${escaped(text)}</a>`
    : escaped(text);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
