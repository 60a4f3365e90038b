import { BlockList, isIP } from 'node:net';

/** Whether requests may go there: an http(s) address without user, query or fragment, and no cloud machine's metadata service. */
export function isSafeBase(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, hash, search, hostname } = new URL(value);
  const isPlain = [username, password, hash, search].every((part) => part === '') && !/[?#]/.test(value);
  return (protocol === 'http:' || protocol === 'https:') && isPlain && !isMetadataHost(hostname);
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
