import { BlockList, isIP } from 'node:net';

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * Reads a list of hosts that are reached without a proxy, as in `NO_PROXY`, and returns a function that tells whether a URL
 * is among them. Commas or blanks separate the entries:
 *
 * - `example.com`, `.example.com`, `*.example.com`: the domain with all below it
 * - `10.0.0.1`, `[::1]`, `10.0.0.0/8`: an address, or a range of addresses
 * - any of the first two with a port: `example.com:8443`
 * - `*`: every host
 */
export function directHosts(list: string): (url: URL) => boolean {
  const entries = list.split(/[\s,]+/).filter((entry) => entry !== '');
  const matchers = entries.map(matcherOf);
  return (url) => matchers.some((matches) => matches(url));
}

function matcherOf(entry: string): (url: URL) => boolean {
  if (entry === '*') return () => true;
  const range = /^(.+)\/(\d+)$/.exec(entry);
  if (range !== null) return inRange(bare(range[1] ?? ''), Number(range[2]));
  const [, name = entry, port] = isIP(entry) !== 0 ? [] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
  const host = bare(name.replace(/^\*?\./, ''));
  return (url) => {
    const target = bare(url.hostname);
    const isThere = target === host || (isIP(target) === 0 && target.endsWith(`.${host}`));
    return isThere && (port === undefined || port === (url.port || DEFAULT_PORTS[url.protocol]));
  };
}

function inRange(address: string, prefix: number): (url: URL) => boolean {
  const family = familyOf(address);
  if (family === undefined || prefix > (family === 'ipv4' ? 32 : 128)) return () => false;
  const block = new BlockList();
  block.addSubnet(address, prefix, family);
  return ({ hostname }) => {
    const target = bare(hostname);
    const kind = familyOf(target);
    return kind !== undefined && block.check(target, kind);
  };
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6';
}

/** A host without the brackets of IPv6 and without the full stop of a fully qualified name, in one form of each address. */
function bare(host: string): string {
  const name = host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
  return isIP(name) === 6 ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name;
}
