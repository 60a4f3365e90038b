import { BlockList, isIP } from 'node:net';

/**
 * Reads an http(s) address without user, query or fragment that is not a cloud machine's metadata service; undefined for
 * anything else. It is returned as the URL parser understands it, without slashes at its end: what is checked here is what
 * requests go to. Blanks around it are ignored, those within it are not allowed.
 */
export function readBase(text: string): string | undefined {
  const value = text.trim();
  if (/[\s?#\\]/.test(value) || !URL.canParse(value)) return undefined;
  const { protocol, username, password, hostname, href } = new URL(value);
  const isHttp = /^https?:\/\//i.test(value) && (protocol === 'http:' || protocol === 'https:');
  if (!isHttp || username !== '' || password !== '' || isMetadataHost(hostname)) return undefined;
  return href.replace(/\/+$/, '');
}

/** An address as a message may show it: people put keys into the user, the query and the fragment. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value.replace(/\/\/[^/]*@/, '//[…]@').replace(/[?#].*$/s, (rest) => `${rest[0] ?? ''}[…]`);
}

/** The URL parser has already made one form of each address: `0xa9fea9fe` is `169.254.169.254`. */
function isMetadataHost(hostname: string): boolean {
  const address = hostname.replaceAll(/[[\]]/g, '');
  const version = isIP(address);
  return version === 0
    ? METADATA_NAMES.test(hostname)
    : METADATA_ADDRESSES.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

const METADATA_NAMES = /^(metadata(\.google\.internal|\.goog)?|instance-data(\.ec2\.internal)?)\.?$/i;

/** Where clouds keep a machine's credentials. The list finds IPv4 written as `::ffff:…` by itself. */
const METADATA_ADDRESSES = metadataAddresses();

function metadataAddresses(): BlockList {
  const addresses = new BlockList();
  addresses.addSubnet('169.254.0.0', 16, 'ipv4'); // link-local: AWS, Azure, GCP, Oracle and most others
  addresses.addSubnet('fe80::', 10, 'ipv6'); // link-local
  addresses.addSubnet('::a9fe:0', 112, 'ipv6'); // 169.254.0.0/16 as IPv4-compatible IPv6
  addresses.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6'); // the same through NAT64
  addresses.addAddress('fd00:ec2::254', 'ipv6'); // AWS
  addresses.addAddress('fd20:ce::254', 'ipv6'); // GCP
  addresses.addAddress('100.100.100.200', 'ipv4'); // Alibaba
  addresses.addAddress('192.0.0.192', 'ipv4'); // Oracle
  return addresses;
}
