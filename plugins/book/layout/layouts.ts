import type { LayoutName } from '../spec/book-spec.js';
import { bookgenLayout } from './bookgen.js';
import type { Layout } from './layout.js';
import { plainLayout } from './plain.js';

const LAYOUTS: Readonly<Record<LayoutName, Layout>> = { plain: plainLayout, bookgen: bookgenLayout };

/** The layout of a name. */
export function layoutOf(name: LayoutName): Layout {
  return LAYOUTS[name];
}
