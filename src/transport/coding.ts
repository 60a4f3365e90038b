import { GenerationError } from '../core/errors/generation-error.js';
import { cutText } from '../core/outside/text.js';

/** The encodings that node-fetch decodes. */
const KNOWN_CODINGS: ReadonlySet<string> = new Set(['identity', 'gzip', 'x-gzip', 'deflate', 'x-deflate', 'br']);

/**
 * Checks the encoding of an answer: a server may encode it although it was requested uncompressed. Only one known
 * encoding can be decoded.
 * @throws GenerationError (`protocol`) that names another one
 */
export function checkCoding(coding: string | null): void {
  if (coding === null || coding === '' || KNOWN_CODINGS.has(coding)) return;
  throw new GenerationError(
    'protocol',
    `Unsupported content-encoding "${cutText(coding, 100)}"; supported is one of: ${[...KNOWN_CODINGS].join(', ')}.`,
  );
}
