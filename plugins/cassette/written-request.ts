import type { Redact, WireRequest } from 'scriptorium/plugin';
import { sorted } from './canonical.js';
import type { RecordedRequest } from './exchange.js';
import { requestHeaders } from './headers.js';
import { scrubbed } from './scrub.js';

/** A request as it is written down, and as it is compared: without its host, and without secrets. */
export function writtenRequest({ method, url, headers, body }: WireRequest, redact: Redact): RecordedRequest {
  const kept = Object.entries(requestHeaders(headers)).map(([name, value]) => [name, redact(value)]);
  const request = {
    method,
    path: redactUrl(pathOf(url), redact),
    headers: Object.fromEntries(kept) as Record<string, string>,
  };
  if (body === undefined) return request;
  const text = scrubbed(body, redact);
  const json = parsed(text);
  return json === undefined ? { ...request, text } : { ...request, json: sorted(json) };
}

/** An address, or a part of one, in which secrets may also be written with escapes. */
export function redactUrl(url: string, redact: Redact): string {
  return redact(url).replaceAll(/[^/?&=#]+/g, (part) => {
    const said = unescaped(part);
    const clean = redact(said);
    return clean === said ? part : clean;
  });
}

/**
 * Also masks what the request itself shows of its sender: a transport further out may have signed it with something that
 * no configuration knows.
 */
export function redactAlso(redact: Redact, headers: WireRequest['headers']): Redact {
  const shown = Object.entries(headers)
    .filter(([name]) => /authorization|api-?key|cookie|secret|token/i.test(name))
    .flatMap(([, value]) => [value, value.slice(value.indexOf(' ') + 1)]);
  const values = shown.filter(({ length }) => length >= SHORTEST_SECRET);
  return (text) => values.reduce((clean, value) => clean.replaceAll(value, '[secret]'), redact(text));
}

/** Shorter ones would hit words. */
const SHORTEST_SECRET = 8;

function pathOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { pathname, search } = new URL(url);
  return pathname + search;
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
