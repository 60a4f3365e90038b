import type { IncomingHttpHeaders } from 'node:http';
import { GenerationError } from 'scriptorium';
import type { Routes } from 'scriptorium/plugin';

const START = 'x-scriptorium-';

/** The headers that narrow a policy. */
export const HEADERS = [
  'policy',
  'labels',
  'routes',
  'deadline-ms',
  'cache',
  'continue',
  'max-segments',
  'target-words',
].map((name) => START + name);

/** A header's text; undefined if it is not sent. Of a header that came twice, the first counts. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  const text = Array.isArray(value) ? value[0] : value;
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}

/** Refuses headers of this name space that do nothing. @throws GenerationError `invalid-input` */
export function refuseUnknownHeaders(headers: IncomingHttpHeaders): void {
  for (const name of Object.keys(headers))
    if (name.startsWith(START) && !HEADERS.includes(name))
      throw wrongHeader(name, `is not known. Known are ${HEADERS.join(', ')}`);
}

/** A whole number in a header; undefined if it is not sent. @throws GenerationError `invalid-input` */
export function wholeIn(headers: IncomingHttpHeaders, name: string, least: number): number | undefined {
  const text = headerOf(headers, name);
  if (text === undefined) return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value < 2 ** 31))
    throw wrongHeader(name, `is "${text}", but must be a whole number from ${least} to ${2 ** 31 - 1}`);
  return value;
}

/** One of some words in a header; undefined if it is not sent. @throws GenerationError `invalid-input` */
export function wordIn<const W extends string>(
  headers: IncomingHttpHeaders,
  name: string,
  words: readonly W[],
): W | undefined {
  const text = headerOf(headers, name);
  if (text === undefined) return undefined;
  const word = words.find((known) => known === text.toLowerCase());
  if (word === undefined) throw wrongHeader(name, `is "${text}", but must be ${words.join(' or ')}`);
  return word;
}

/** Labels in a header: `book=ada,chapter=3`. Values may be percent-encoded. @throws GenerationError `invalid-input` */
export function labelsIn(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const name = `${START}labels`;
  const pairs = (headerOf(headers, name) ?? '').split(',').filter((pair) => pair.trim() !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, label, value] = /^\s*([A-Za-z_][\w.-]{0,63})\s*=\s*(\S.{0,255}?)\s*$/.exec(pair) ?? [];
      const decoded = decode(value);
      if (label === undefined || decoded === undefined || label === '__proto__')
        throw wrongHeader(name, `has "${pair.trim()}", but must have pairs such as book=ada,chapter=3`);
      return [label, decoded];
    }),
  );
}

/** Routes in a header: models separated by commas, or a strategy. */
export function routesIn(headers: IncomingHttpHeaders): Routes | undefined {
  const text = headerOf(headers, `${START}routes`);
  if (text === undefined) return undefined;
  if (text === 'cheapest' || text === 'fastest') return text;
  const models = text.split(',').map((model) => model.trim());
  return models.filter((model) => model !== '').map((model) => ({ model }));
}

/** An error that names a header. */
export function wrongHeader(name: string, problem: string): GenerationError {
  return new GenerationError('invalid-input', `The header ${name} ${problem}.`);
}

function decode(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
