import type { Fault } from '../../emulator/faults.js';
import type { SimulatedFault } from './faults-row.js';
import { oneOf } from './seeded.js';

const PAGE = '<html><head><title>Bad gateway</title></head><body>nginx</body></html>';
/** Some pages are longer than a client reads. */
const LONG_PAGE = `${PAGE}<!-- ${'padding '.repeat(10_000)}-->`;
const SPENT = { code: 'insufficient_quota', message: 'You exceeded your current quota', type: 'insufficient_quota' };
const TOO_LONG = { code: 400, message: 'Too long', metadata: { error_type: 'context_length_exceeded' } };

/** A refusal with this status and, if given, headers and body. */
function refusal(row: number, title: string, reply: { readonly status: number } & Partial<Fault>): SimulatedFault {
  return { row, title, vendor: () => reply };
}

function limited(row: number, title: string, headers: Readonly<Record<string, string>>): SimulatedFault {
  return refusal(row, title, { status: 429, headers });
}

function redirect(row: number, title: string, location: string): SimulatedFault {
  return {
    row,
    title,
    vendor: (random) => ({ status: oneOf(random, [301, 302, 303, 307, 308]), headers: { location } }),
  };
}

/** Rows 15 to 22 and 28 to 34: something else is answered in place of a completion. */
const STATUS_FAULTS: readonly SimulatedFault[] = [
  refusal(15, 'a 204', { status: 204, body: '' }),
  refusal(15, 'an empty 200', { status: 200, body: '' }),
  { row: 15, title: 'an empty stream', vendor: () => ({ truncate: 'after-headers' }) },
  refusal(16, 'a 200 with a passing error', {
    status: 200,
    body: { error: { code: 502, message: 'Upstream is down' } },
  }),
  refusal(16, 'a 200 with a final error', { status: 200, body: { error: { code: 400, message: 'Bad prompt' } } }),
  { row: 17, title: 'a whole completion in place of a stream', vendor: () => ({ noStream: true }) },
  { row: 18, title: 'a 200 with a page', vendor: () => ({ html: true }) },
  refusal(19, 'a 502 with a page', { status: 502, body: PAGE }),
  refusal(19, 'a 503 with a page', { status: 503, body: PAGE }),
  refusal(19, 'a 504 with a long page', { status: 504, body: LONG_PAGE }),
  refusal(20, 'a 500', { status: 500 }),
  refusal(21, 'a 501', { status: 501 }),
  refusal(21, 'a 505', { status: 505 }),
  refusal(22, 'a 529', { status: 529 }),
  refusal(28, 'a 429 for a spent quota', { status: 429, body: { error: SPENT } }),
  refusal(30, 'a 503 that must not be retried', { status: 503, headers: { 'x-should-retry': 'false' } }),
  refusal(30, 'a 400 that may be retried', { status: 400, headers: { 'x-should-retry': 'true' } }),
  refusal(31, 'a 401', { status: 401 }),
  refusal(32, 'a 400', { status: 400 }),
  refusal(32, 'a 402', { status: 402 }),
  refusal(32, 'a 403', { status: 403 }),
  refusal(32, 'a 404', { status: 404 }),
  refusal(32, 'a 413', { status: 413 }),
  refusal(32, 'a 422', { status: 422 }),
  refusal(32, 'a prompt that is too long', { status: 400, body: { error: TOO_LONG } }),
  refusal(33, 'a 408', { status: 408 }),
  refusal(33, 'a 409', { status: 409 }),
  refusal(33, 'a 425', { status: 425 }),
  refusal(34, 'an error body that never ends', { status: 500, body: 'Something went wrong', isEndless: true }),
];

/** Rows 23 to 29: a 429, and when it says the limit ends. */
const LIMIT_FAULTS: readonly SimulatedFault[] = [
  limited(23, 'a 429 for two seconds', { 'retry-after': '2' }),
  {
    row: 24,
    title: 'a 429 until a date',
    vendor: (_random, now) => ({
      status: 429,
      headers: { date: new Date(now).toUTCString(), 'retry-after': new Date(now + 3_000).toUTCString() },
    }),
  },
  refusal(25, 'a 429 without a hint', { status: 429 }),
  limited(26, 'a 429 with a hint that is garbage', { 'retry-after': 'soon' }),
  limited(26, 'a 429 with a negative hint', { 'retry-after': '-5' }),
  limited(26, 'a 429 with the hint 0', { 'retry-after': '0' }),
  limited(27, 'a 429 until tomorrow', { 'retry-after': '86400' }),
  limited(29, 'a 429 with milliseconds beside the seconds', { 'retry-after': '60', 'retry-after-ms': '1500' }),
];

/** Rows 36 to 39: a redirect. */
const REDIRECT_FAULTS: readonly SimulatedFault[] = [
  redirect(36, 'a redirect to the same server', '/api/v2/chat/completions'),
  redirect(37, 'a redirect to another server', 'https://elsewhere.test/api/v1/chat/completions'),
  redirect(37, 'a redirect to another scheme', 'http://vendor.test/api/v1/chat/completions'),
  redirect(38, 'a redirect to itself', '/api/v1/chat/completions'),
  redirect(39, 'a redirect to a metadata address', 'http://169.254.169.254/latest/'),
];

/** Rows 15 to 39: an answer begins, but not the one that was asked for. */
export const REFUSAL_FAULTS: readonly SimulatedFault[] = [...STATUS_FAULTS, ...LIMIT_FAULTS, ...REDIRECT_FAULTS];
