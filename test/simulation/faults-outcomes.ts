import type { ErrorCode } from 'scriptorium';

/** What becomes of a generation whose first request meets a fault, by the table of faults. */
export interface Outcome {
  /** The failure of the attempt if the fault strikes before any text; none if the answer is whole nevertheless. */
  readonly code?: ErrorCode;
  /** The failure if the fault strikes after some text, where it can. */
  readonly later?: ErrorCode;
  /** The failure is not retryable. */
  readonly isFinal?: true;
  /** The failure may pass, but not soon enough to wait for it. */
  readonly isGivenUp?: true;
  /** The next attempt costs nothing: it is made even if only one is allowed. */
  readonly isFree?: true;
  /** An attempt cannot be continued, though some text has been delivered. */
  readonly isNotResumed?: true;
  /** Least and most virtual milliseconds between the first two requests. */
  readonly gapMs?: readonly [number, number];
}

const WHOLE: Outcome = {};
const final = (code: ErrorCode): Outcome => ({ code, isFinal: true });
const anywhere = (code: ErrorCode, later = code): Outcome => ({ code, later });

/** The outcomes by the row and title of the fault. */
export const OUTCOMES: Readonly<Record<string, Outcome>> = {
  '1: the connection is refused': { code: 'connection', isFree: true },
  '2: the host name is not found': { code: 'dns' },
  '2: the lookup of the host name fails for now': { code: 'dns', isFree: true },
  '3: the host does not answer': { code: 'timeout' },
  '4: the TLS handshake never ends': { code: 'timeout' },
  '5: the certificate has expired': final('tls'),
  '5: the certificate is self-signed': final('tls'),
  '6: the connection is closed before any byte': { code: 'connection' },
  '7: the connection is reset before any byte': { code: 'connection' },
  '8: the connection is reset while the request goes out': { code: 'connection' },
  '9: a kept connection went stale': { code: 'connection', isFree: true },
  '10: the peer is silent before the headers': { code: 'timeout' },
  '11: the headers never come to their end': { code: 'timeout' },
  '12: the headers are too long': final('protocol'),
  '13: the status line is garbage': { code: 'protocol' },
  '15: a 204': { code: 'empty-answer' },
  '15: an empty 200': { code: 'empty-answer' },
  '15: an empty stream': { code: 'empty-answer' },
  '16: a 200 with a passing error': { code: 'server-error' },
  '16: a 200 with a final error': final('bad-request'),
  '17: a whole completion in place of a stream': WHOLE,
  '18: a 200 with a page': { code: 'unexpected-content' },
  '19: a 502 with a page': { code: 'server-error' },
  '19: a 503 with a page': { code: 'overloaded' },
  '19: a 504 with a long page': { code: 'server-error' },
  '20: a 500': { code: 'server-error' },
  '21: a 501': final('server-error'),
  '21: a 505': final('server-error'),
  '22: a 529': { code: 'overloaded' },
  '23: a 429 for two seconds': { code: 'rate-limit', isFree: true, gapMs: [2_000, 4_000] },
  '24: a 429 until a date': { code: 'rate-limit', isFree: true, gapMs: [2_000, 5_000] },
  '25: a 429 without a hint': { code: 'rate-limit' },
  '26: a 429 with a hint that is garbage': { code: 'rate-limit' },
  '26: a 429 with a negative hint': { code: 'rate-limit' },
  '26: a 429 with the hint 0': { code: 'rate-limit' },
  '27: a 429 until tomorrow': { code: 'rate-limit', isGivenUp: true },
  '28: a 429 for a spent quota': final('quota'),
  '29: a 429 with milliseconds beside the seconds': { code: 'rate-limit', isFree: true, gapMs: [1_500, 4_000] },
  '30: a 503 that must not be retried': final('overloaded'),
  '30: a 400 that may be retried': { code: 'bad-request' },
  '31: a 401': final('authentication'),
  '32: a 400': final('bad-request'),
  '32: a 402': final('payment-required'),
  '32: a 403': final('permission'),
  '32: a 404': final('not-found'),
  '32: a 413': final('context-length'),
  '32: a 422': final('bad-request'),
  '32: a prompt that is too long': final('context-length'),
  '33: a 408': { code: 'server-error' },
  '33: a 409': { code: 'server-error' },
  '33: a 425': { code: 'server-error' },
  '34: an error body that never ends': { code: 'server-error' },
  '36: a redirect to the same server': final('redirect'),
  '37: a redirect to another server': final('redirect'),
  '37: a redirect to another scheme': final('redirect'),
  '38: a redirect to itself': final('redirect'),
  '39: a redirect to a metadata address': final('redirect'),
  '40: silence after the headers': { code: 'timeout' },
  '41: nothing but comments': { code: 'timeout' },
  '42: silence within a stream': anywhere('timeout'),
  '43: nothing but comments within a stream': anywhere('timeout'),
  '44: a long pause within a stream': WHOLE,
  '45: closed within a chunked body': anywhere('connection'),
  '46: reset within a body': anywhere('connection'),
  '47: a close-delimited body ends early': anywhere('empty-answer', 'truncated'),
  '48: a close-delimited body is reset': anywhere('empty-answer', 'truncated'),
  '49: a body shorter than its length': anywhere('connection'),
  '50: a body longer than its length': { code: 'empty-answer' },
  '51: a chunk size that is not a number': anywhere('connection'),
  '56: gzip that ends early': anywhere('empty-answer', 'truncated'),
  '56: gzip that ends early, and is noticed': anywhere('truncated'),
  '57: gzip that is damaged': anywhere('protocol'),
  '58: an unknown encoding, or two': final('protocol'),
  '73: an event that is not JSON': anywhere('malformed-answer'),
  '74: JSON of another shape': anywhere('malformed-answer'),
  '74: a chunk without text': WHOLE,
  '75: an error as the first event': { code: 'server-error' },
  '75: a rate limit as the first event': { code: 'rate-limit' },
  '75: a final error as the first event': final('bad-request'),
  '76: an event of the type "error" after some text': { later: 'overloaded' },
  '77: an error with the finish reason "error"': anywhere('server-error'),
  '77: an error within the choice': anywhere('overloaded'),
  '78: an event of an unknown type': WHOLE,
  '79: a clean stop without text': { code: 'empty-answer' },
  '80: a second [DONE]': WHOLE,
  '81: data after [DONE]': WHOLE,
  '82: a connection that stays open after [DONE]': WHOLE,
  '83: a finish reason and no [DONE]': WHOLE,
  '84: [DONE] without a finish reason': anywhere('empty-answer', 'truncated'),
  '85: an end before the usage': WHOLE,
  '86: a reset after the finish reason': WHOLE,
  '87: no usage': WHOLE,
  '87: usage of null beside empty choices': WHOLE,
  '88: usage that grows': WHOLE,
  '89: a finish reason other than "stop"': WHOLE,
  '90: a tool call that is cut in the middle': { ...anywhere('connection'), isNotResumed: true },
  '91: a second choice between the chunks of the first': WHOLE,
  '93: reasoning alone, and then a reset': { code: 'connection' },
};
