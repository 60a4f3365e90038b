/** A way in which a vendor, a proxy or a program may repeat a key. */
export type Clothing = (key: string) => string;

const everyCharacter =
  (write: (code: number) => string): Clothing =>
  (key) =>
    Array.from(key, (character) => write(character.charCodeAt(0))).join('');
const hex = (code: number, length: number): string => code.toString(16).padStart(length, '0');
const unquoted = (text: string): string => JSON.stringify(text).slice(1, -1);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

export const CLOTHINGS: Readonly<Record<string, Clothing>> = {
  plain: (key) => key,
  'percent-encoded': encodeURIComponent,
  'percent-encoded in every character': everyCharacter((code) => `%${hex(code, 2)}`),
  'percent-encoded twice': (key) => encodeURIComponent(encodeURIComponent(key)),
  'JSON-escaped': unquoted,
  'JSON-escaped twice': (key) => unquoted(unquoted(key)),
  'JSON-escaped with \\/': (key) => unquoted(key).replaceAll('/', '\\/'),
  '\\u-escaped': everyCharacter((code) => `\\u${hex(code, 4)}`),
  '\\x-escaped': everyCharacter((code) => `\\x${hex(code, 2)}`),
  'HTML-escaped by name': (key) =>
    key.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('/', '&sol;').replaceAll('+', '&plus;'),
  'HTML-escaped by number': everyCharacter((code) => `&#${code};`),
  'HTML-escaped by hexadecimal number': everyCharacter((code) => `&#x${hex(code, 2)};`),
  'percent-encoded in JSON': (key) => unquoted(`{"url":"${encodeURIComponent(key)}"}`),
  base64,
  'base64url, without padding': (key) => Buffer.from(key).toString('base64url'),
  'base64 in a Basic pair': (key) => `Basic ${base64(`u:${key}`)}`,
  'base64 in another Basic pair': (key) => `Basic ${base64(`me:${key}:`)}`,
  'base64url in JSON': (key) => Buffer.from(JSON.stringify({ a: 1, key })).toString('base64url'),
  'base64, percent-encoded': (key) => encodeURIComponent(base64(key)),
  'base64 with \\/': (key) => base64(`key ${key}`).replaceAll('/', '\\/'),
  hexadecimal: (key) => Buffer.from(key).toString('hex'),
};

/** Whether a text holds at least half of a key, whatever its clothing. Decodes everything that may be encoded. */
export function holdsKey(text: string, key: string): boolean {
  const parts = [key.slice(0, key.length / 2), key.slice(key.length / 2)];
  let layer = text;
  for (let depth = 0; depth < 6; depth += 1) {
    if ([layer, ...decodedRuns(layer)].some((read) => parts.some((part) => read.includes(part)))) return true;
    const next = decoded(layer);
    if (next === layer) return false;
    layer = next;
  }
  return false;
}

function decoded(text: string): string {
  return text
    .replaceAll(/%([0-9a-f]{2})|&#x([0-9a-f]{2});|\\u00([0-9a-f]{2})|\\x([0-9a-f]{2})/gi, (_, ...codes: string[]) =>
      String.fromCharCode(Number.parseInt(codes.find((code) => typeof code === 'string') ?? '0', 16)),
    )
    .replaceAll(/&#(\d{2,3});/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll('&quot;', '"')
    .replaceAll('&sol;', '/')
    .replaceAll('&plus;', '+')
    .replaceAll('&amp;', '&')
    .replaceAll(/\\(["\\/])/g, '$1');
}

function decodedRuns(text: string): readonly string[] {
  const runs = new Set(text.match(/[\w+/-]{12,}/g));
  return [...runs].flatMap((run) => [
    ...[0, 1, 2, 3].map((start) => Buffer.from(run.slice(start), 'base64').toString('latin1')),
    Buffer.from(run, 'hex').toString('latin1'),
  ]);
}
