import type { ModelInfo } from 'scriptorium';
import { shownLine, shownText } from '../shown/shown-text.js';
import { cutToWidth, widthOf } from '../shown/width.js';
import type { Shown } from '../shown/shown-text.js';
import { perMillion } from './per-million.js';

/** What a model can do: a letter for narrow terminals, and a word. */
const CAPABILITIES = [
  ['tools', 't', 'tools'],
  ['structuredOutputs', 's', 'structured'],
  ['reasoning', 'r', 'reasoning'],
  ['vision', 'v', 'vision'],
  ['audio', 'a', 'audio'],
  ['files', 'f', 'files'],
] as const;
const GAP = '  ';
/** An id is cut to no less. */
const LEAST_ID = 20;

/** Models in columns of a terminal: capabilities as letters where words do not fit, then the ids cut short, then no columns. */
export function modelTable(models: readonly ModelInfo[], width: number): Shown {
  const words = columns(models, 'words');
  if (lineWidth(words) <= width) return shownText(rows(words));
  const letters = columns(models, 'letters');
  const [ids = [], ...others] = letters;
  const room = width - lineWidth(others) - GAP.length;
  if (room < LEAST_ID) return shownText(paragraphs(words));
  const legend = CAPABILITIES.map(([, letter, word]) => `${letter} ${word}`).join(', ');
  return shownText(`${rows([ids.map((id) => cutToWidth(id, room)), ...others])}${legend}\n`);
}

/** Where columns have no room: the id on a line, and the rest in words below it. */
function paragraphs([ids = [], ...others]: readonly (readonly string[])[]): string {
  const about = (row: number): string =>
    others.flatMap((column) => (column[row] === '' ? [] : [`${column[0] ?? ''} ${column[row] ?? ''}`])).join(', ');
  return ids
    .slice(1)
    .map((id, index) => `${id}\n  ${about(index + 1)}\n`)
    .join('');
}

/** The cells of each column, its head first. */
function columns(models: readonly ModelInfo[], capabilities: 'words' | 'letters'): readonly (readonly string[])[] {
  return [
    ['id', ...models.map(({ id }) => shownLine(id))],
    ['context', ...models.map(({ contextLength }) => tokens(contextLength))],
    ['output', ...models.map(({ maxOutputTokens }) => tokens(maxOutputTokens))],
    ['in $/M', ...models.map(({ price }) => perMillion(price?.prompt))],
    ['out $/M', ...models.map(({ price }) => perMillion(price?.completion))],
    [capabilities === 'words' ? 'capabilities' : 'can', ...models.map((model) => told(model, capabilities))],
  ];
}

/** The first and the last column begin at the left, the numbers between them end at the right. */
function rows(cells: readonly (readonly string[])[]): string {
  const widths = cells.map(widest);
  const [ids = []] = cells;
  const last = cells.length - 1;
  const line = (row: number): string =>
    cells
      .map((column, index) =>
        index === 0 || index === last
          ? (column[row] ?? '') + blanks(column[row], widths[index])
          : blanks(column[row], widths[index]) + (column[row] ?? ''),
      )
      .join(GAP)
      .trimEnd();
  return ids.map((_, row) => `${line(row)}\n`).join('');
}

function blanks(cell = '', width = 0): string {
  return ' '.repeat(Math.max(width - widthOf(cell), 0));
}

function lineWidth(cells: readonly (readonly string[])[]): number {
  return cells.reduce((sum, column) => sum + widest(column), GAP.length * (cells.length - 1));
}

function widest(column: readonly string[]): number {
  return column.reduce((most, cell) => Math.max(most, widthOf(cell)), 0);
}

/** Vendors count in thousands, some of them of 1024: 131072 is 131k, 1048576 is 1.05M. */
function tokens(count: number | undefined): string {
  if (count === undefined) return '–';
  return count < 1_000_000 ? `${Math.round(count / 1_000)}k` : `${Number((count / 1_000_000).toFixed(2))}M`;
}

function told({ capabilities }: ModelInfo, as: 'words' | 'letters'): string {
  if (as === 'words')
    return CAPABILITIES.filter(([name]) => capabilities?.[name])
      .map(([, , word]) => word)
      .join(' ');
  return CAPABILITIES.map(([name, letter]) => (capabilities?.[name] ? letter : '·')).join('');
}
