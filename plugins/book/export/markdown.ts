import type { BoundBook } from './bound-book.js';

/** The book as one Markdown file. */
export function markdownOf({ sections }: BoundBook): string {
  return `${sections.map(({ text }) => text.trim()).join('\n\n')}\n`;
}
