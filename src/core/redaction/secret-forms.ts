/** A text in which a secret can be recognised. */
export interface SecretForm {
  readonly text: string;
  /** Part of a longer base64 text, which is masked as a whole. */
  readonly isBase64: boolean;
}

/** Shorter parts of an encoded secret would occur by chance. */
const SHORTEST_ENCODED = 8;

/**
 * Returns the plain form of a secret, its hexadecimal ones, and its parts of every base64 text that holds
 * it as it is, as in JSON, or percent-encoded.
 */
export function formsOf(secret: string): readonly SecretForm[] {
  const hex = Buffer.from(secret).toString('hex');
  const written = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
  const cores = written.flatMap((text) => [0, 1, 2].map((before) => base64Core(text, before)));
  const encoded = new Set([...cores, ...cores.map(asBase64Url)].filter(({ length }) => length >= SHORTEST_ENCODED));
  return [
    { text: secret, isBase64: false },
    ...[hex, hex.toUpperCase()]
      .filter(({ length }) => length >= 2 * SHORTEST_ENCODED)
      .map((text) => ({ text, isBase64: false })),
    ...[...encoded].map((text) => ({ text, isBase64: true })),
  ];
}

/**
 * The characters of a base64 text that depend on nothing but the secret in it.
 * @param before the bytes before the secret, modulo 3: what else is encoded may be a user name, or JSON
 */
function base64Core(secret: string, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
  const [first, end] = [Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6)];
  return bytes.toString('base64').slice(first, end);
}

function asBase64Url(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_');
}
