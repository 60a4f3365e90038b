import { Secret } from './secret.js';

/** An HTTP proxy between this program and the servers. */
export interface HttpProxy {
  /** Its address without user and password, as messages show it: `http://proxy.example.com:3128`. */
  readonly url: string;
  /** The value of the header `Proxy-Authorization`, if the address has a user or a password. */
  readonly authorization?: Secret;
  /** Where the address is set: the name of a variable, or of a key of the configuration. */
  readonly source: string;
}

/**
 * Reads the address of an HTTP proxy; `proxy.example.com:3128` stands for `http://proxy.example.com:3128`. Returns
 * undefined for anything else, such as the address of a SOCKS proxy.
 */
export function readProxy(text: string, source: string): HttpProxy | undefined {
  const address = text.trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`;
  if (!URL.canParse(withScheme)) return undefined;
  const { protocol, host, username, password } = new URL(withScheme);
  if ((protocol !== 'http:' && protocol !== 'https:') || host === '') return undefined;
  return { url: `${protocol}//${host}`, source, ...authorizationOf(username, password) };
}

/** The address of a proxy as messages show it: without whatever stands before the host. */
export function withoutUser(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1[…]@');
}

/**
 * Lists the texts that must not be shown of an address: the password as it is written and as it is meant, and the header
 * that is made of it.
 */
export function proxySecrets(address: string): readonly Secret[] {
  const bare = address.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  // A user alone is a token.
  const [, user, password] = /^([^:@]*)(?::(.*))?@/s.exec(bare) ?? [];
  const written = password ?? user;
  const header = readProxy(address, '')?.authorization?.reveal().slice(BASIC.length);
  const texts = [written, written === undefined ? undefined : decoded(written), header];
  return [...new Set(texts)].flatMap((text) => (text ? [new Secret(text)] : []));
}

const BASIC = 'Basic ';

function authorizationOf(username: string, password: string): Pick<HttpProxy, 'authorization'> {
  if (username === '' && password === '') return {};
  const credentials = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64');
  return { authorization: new Secret(BASIC + credentials) };
}

/** A password may hold a percent sign that begins no escape. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
