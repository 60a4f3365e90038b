import type { SimulatedFault } from './faults-row.js';

/** Rows 1 to 13: no answer begins. */
export const CONNECTING_FAULTS: readonly SimulatedFault[] = [
  { row: 1, title: 'the connection is refused', wire: () => ({ at: 'connect', code: 'ECONNREFUSED' }) },
  { row: 2, title: 'the host name is not found', wire: () => ({ at: 'connect', code: 'ENOTFOUND' }) },
  { row: 2, title: 'the lookup of the host name fails for now', wire: () => ({ at: 'connect', code: 'EAI_AGAIN' }) },
  { row: 3, title: 'the host does not answer', wire: () => ({ at: 'connect', code: 'silence' }) },
  { row: 4, title: 'the TLS handshake never ends', wire: () => ({ at: 'connect', code: 'silence' }) },
  { row: 5, title: 'the certificate has expired', wire: () => ({ at: 'connect', code: 'CERT_HAS_EXPIRED' }) },
  {
    row: 5,
    title: 'the certificate is self-signed',
    wire: () => ({ at: 'connect', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
  },
  { row: 6, title: 'the connection is closed before any byte', vendor: () => ({ fin: 'before-headers' }) },
  { row: 7, title: 'the connection is reset before any byte', vendor: () => ({ reset: 'before-headers' }) },
  { row: 8, title: 'the connection is reset while the request goes out', wire: () => ({ at: 'head', code: 'EPIPE' }) },
  {
    row: 9,
    title: 'a kept connection went stale',
    wire: () => ({ at: 'head', code: 'ECONNRESET', isStale: true }),
  },
  { row: 10, title: 'the peer is silent before the headers', vendor: () => ({ stall: 'before-headers' }) },
  { row: 11, title: 'the headers never come to their end', wire: () => ({ at: 'head', code: 'silence' }) },
  { row: 12, title: 'the headers are too long', wire: () => ({ at: 'head', code: 'HPE_HEADER_OVERFLOW' }) },
  { row: 13, title: 'the status line is garbage', wire: () => ({ at: 'head', code: 'HPE_INVALID_CONSTANT' }) },
];
