import { GenerationError } from 'scriptorium';
import { noFinalAnswer, toGenerationError } from 'scriptorium/plugin';

/** What Node's own client calls the same failures; its codes are what failures are judged by. */
const NODE_CODES: Readonly<Record<string, string>> = {
  UND_ERR_HEADERS_OVERFLOW: 'HPE_HEADER_OVERFLOW',
  // The connection ended, was destroyed or was closed before the answer did.
  UND_ERR_SOCKET: 'ECONNRESET',
  UND_ERR_DESTROYED: 'ECONNRESET',
  UND_ERR_CLOSED: 'ECONNRESET',
  HTTPParserError: 'ECONNRESET',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'ECONNRESET',
};

/** What llhttp calls the end of a connection in the middle of a chunk. */
const END_TOO_EARLY = 'Invalid EOF state';

export interface FailureFacts {
  /** The request went to a connection that had served before, and nothing came back on it. */
  readonly isStale: boolean;
  /** The head of the answer had come. */
  readonly hasHead: boolean;
}

/** A failure of undici as the pipeline knows failures. */
export function failureFrom(error: Error, { isStale, hasHead }: FailureFacts): GenerationError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (code === 'UND_ERR_SOCKET' && error.message === 'bad upgrade') return noFinalAnswer(101, error);
  if (isBreachOfProtocol(error, code, hasHead)) {
    return new GenerationError('protocol', `The server does not speak proper HTTP (${code}): ${error.message}`, {
      retryable: true,
      retryLimit: 1,
      cause: error,
    });
  }
  const known = NODE_CODES[code];
  const judged =
    known === undefined ? error : Object.assign(new Error(error.message, { cause: error }), { code: known });
  return toGenerationError(judged, isStale ? { neverSent: true } : {});
}

/**
 * Some errors of undici have one name for several things. An unrequested 100 is a `bad response` among the ends
 * of a socket; headers that cannot be read beside a Content-Length are a mismatch of the
 * length; and a body that ends inside a chunk is an error of the parser, though only its connection ended too early.
 */
function isBreachOfProtocol({ message }: Error, code: string, hasHead: boolean): boolean {
  switch (code) {
    case 'UND_ERR_SOCKET':
      return message.startsWith('bad ');
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return !hasHead;
    case 'HTTPParserError':
      return !message.includes(END_TOO_EARLY);
    default:
      return false;
  }
}
