import { BlockList, isIP } from 'node:net';

/** Addresses that no server of the public network has: of this machine, and of the network that it is in. */
const LOCAL = new BlockList();
for (const [address, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const)
  LOCAL.addSubnet(address, bits, 'ipv4');
for (const [address, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  LOCAL.addSubnet(address, bits, 'ipv6');

/** Names that are not in the public name service. */
const LOCAL_NAME = /^[^.]+$|\.(localhost|local|internal|lan|home\.arpa)$/;

/** Whether a base URL is that of a server of the user's own: on this machine, or in its private network. */
export function isLocal(baseUrl: string): boolean {
  const host = new URL(baseUrl).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const kind = isIP(host);
  return kind === 0 ? LOCAL_NAME.test(host) : LOCAL.check(host, kind === 4 ? 'ipv4' : 'ipv6');
}
