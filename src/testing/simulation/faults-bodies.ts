import { anywhere, anywhereInBody, later } from './faults-row.js';
import type { SimulatedFault } from './faults-row.js';
import { oneOf, wholeNumber } from './seeded.js';

/** Rows 40 to 58: a stream begins, and its bytes fail to come. */
export const BODY_FAULTS: readonly SimulatedFault[] = [
  { row: 40, title: 'silence after the headers', vendor: () => ({ stall: 'after-headers' }) },
  { row: 41, title: 'nothing but comments', vendor: () => ({ stall: 'after-headers', keepAlive: true }) },
  { row: 42, title: 'silence within a stream', vendor: (random) => ({ stall: anywhere(random) }) },
  {
    row: 43,
    title: 'nothing but comments within a stream',
    vendor: (random) => ({ stall: anywhere(random), keepAlive: true }),
  },
  {
    row: 44,
    title: 'a long pause within a stream',
    vendor: (random) => ({ lull: { ...later(random), ms: wholeNumber(random, 20_000, 50_000) } }),
  },
  { row: 45, title: 'closed within a chunked body', vendor: (random) => ({ fin: anywhere(random) }) },
  { row: 46, title: 'reset within a body', vendor: (random) => ({ reset: anywhere(random) }) },
  { row: 47, title: 'a close-delimited body ends early', vendor: (random) => ({ truncate: anywhere(random) }) },
  { row: 48, title: 'a close-delimited body is reset', wire: anywhereInBody('end') },
  { row: 49, title: 'a body shorter than its length', wire: anywhereInBody('ECONNRESET') },
  { row: 50, title: 'a body longer than its length', wire: () => ({ at: 'body', code: 'end' }) },
  { row: 51, title: 'a chunk size that is not a number', wire: anywhereInBody('ERR_STREAM_PREMATURE_CLOSE') },
  { row: 56, title: 'gzip that ends early', wire: anywhereInBody('end') },
  { row: 56, title: 'gzip that ends early, and is noticed', wire: anywhereInBody('Z_BUF_ERROR') },
  { row: 57, title: 'gzip that is damaged', wire: anywhereInBody('Z_DATA_ERROR') },
  {
    row: 58,
    title: 'an unknown encoding, or two',
    vendor: (random) => ({ headers: { 'content-encoding': oneOf(random, ['zstd', 'gzip, br']) } }),
  },
];
