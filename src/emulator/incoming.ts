import { invalidRequest, unauthorised } from './errors.js';

/** A request as the protocol takes it. */
export interface IncomingRequest {
  /** In upper case. */
  readonly method: string;
  /** The path with its query, such as `/api/v1/generation?id=gen-1`. */
  readonly path: string;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body, or a promise where the head arrives before it. The promise may reject with RequestRefused or ConnectionGone. */
  readonly body: string | Promise<string>;
}

/** The parsed body of a request. @throws RequestRefused (400) if it is not valid JSON. */
export async function readJson({ body }: IncomingRequest): Promise<unknown> {
  const text = await body;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidRequest('The body is not valid JSON');
  }
}

/** @throws RequestRefused (401) for a request without a bearer token, or with another than the one expected. */
export function checkKey({ headers }: IncomingRequest, expected: string | undefined): void {
  const [, key] = /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '') ?? [];
  if (key === undefined) throw unauthorised('No auth credentials found');
  if (expected !== undefined && key !== expected) throw unauthorised('User not found.');
}
