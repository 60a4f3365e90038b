import { isIP } from 'node:net';
import { GenerationError } from 'scriptorium';

/** The names under which a server may be asked. */
export interface BoundNames {
  /** The host that the server listens on. */
  readonly host: string;
  /** Further names, such as that of a reverse proxy. */
  readonly allowHosts: readonly string[];
}

/** The parts of a request that name its host. */
export interface AddressedRequest {
  readonly url?: string | undefined;
  readonly httpVersion?: string | undefined;
  readonly headers: { readonly host?: string | undefined; readonly origin?: string | undefined };
}

/**
 * Makes a check of the name that a request was sent to, against DNS rebinding: a foreign page can lead its own name to this
 * machine, but the name stays in the header. A server on all addresses also takes every IP address, since no foreign
 * page can have one for a name. A request without the header, as HTTP/1.0 has it, does not come from a browser.
 * @returns a function that throws GenerationError `permission` (403), and `invalid-input` (400) for HTTP/1.1 without the header
 */
export function hostCheck({ host, allowHosts }: BoundNames): (request: AddressedRequest) => void {
  const allowed = new Set([host, ...allowHosts].map(nameOf));
  const takesAddresses = isWildcard(host);
  const isAllowed = (name: string): boolean =>
    isLoopback(name) || allowed.has(name) || (takesAddresses && isIP(name) !== 0);
  return ({ url = '/', headers, httpVersion }) => {
    if (headers.host === undefined && httpVersion === '1.1')
      throw new GenerationError('invalid-input', 'The header "host" is missing, which HTTP/1.1 requires. Send it.', {
        status: 400,
      });
    for (const given of [headers.host, authorityOf(url), originOf(headers.origin)]) {
      if (given === undefined || isAllowed(nameOf(given))) continue;
      throw new GenerationError(
        'permission',
        `The host ${JSON.stringify(given)} is not a name of this gateway. If it is yours, start the gateway with --allow-host ${nameOf(given)}.`,
        { status: 403 },
      );
    }
  };
}

/** The host in a URL that has one, as requests to a proxy do. */
function authorityOf(url: string): string | undefined {
  return /^https?:\/\/([^/?#]*)/i.exec(url)?.[1];
}

/** The host of the page that sent a request. A page of a foreign site could spend money without seeing an answer. */
function originOf(origin: string | undefined): string | undefined {
  return origin === undefined ? undefined : (authorityOf(origin) ?? origin);
}

/** Whether a host leads to this machine alone. */
export function isLoopback(host: string): boolean {
  const name = nameOf(host);
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/** Whether a host stands for all addresses of the machine. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || nameOf(host) === '::';
}

/** The name in `name:port`, `[::1]:port` or an address without a port. */
function nameOf(host: string): string {
  const name = isIP(host) === 6 ? host : (/^\[(.*)\](?::\d*)?$/.exec(host)?.[1] ?? host.replace(/:\d*$/, ''));
  return name.toLowerCase().replace(/\.$/, '');
}
