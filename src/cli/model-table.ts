import type { ModelInfo } from 'scriptorium';
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

/** Models in columns. In `width` characters: capabilities as letters where words do not fit, and then the ids cut short. */
export function modelTable(models: readonly ModelInfo[], width: number): string {
  const words = columns(models, 'words');
  if (lineWidth(words) <= width) return rows(words);
  const letters = columns(models, 'letters');
  const [ids = [], ...others] = letters;
  const room = Math.max(width - lineWidth(others) - GAP.length, LEAST_ID);
  const legend = CAPABILITIES.map(([, letter, word]) => `${letter} ${word}`).join(', ');
  return `${rows([ids.map((id) => (id.length > room ? `${id.slice(0, room - 1)}…` : id)), ...others])}${legend}\n`;
}

/** The cells of each column, its head first. */
function columns(models: readonly ModelInfo[], capabilities: 'words' | 'letters'): readonly (readonly string[])[] {
  return [
    ['id', ...models.map(({ id }) => id)],
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
          ? (column[row] ?? '').padEnd(widths[index] ?? 0)
          : (column[row] ?? '').padStart(widths[index] ?? 0),
      )
      .join(GAP)
      .trimEnd();
  return ids.map((_, row) => `${line(row)}\n`).join('');
}

function lineWidth(cells: readonly (readonly string[])[]): number {
  return cells.reduce((sum, column) => sum + widest(column), GAP.length * (cells.length - 1));
}

function widest(column: readonly string[]): number {
  return column.reduce((most, cell) => Math.max(most, cell.length), 0);
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
