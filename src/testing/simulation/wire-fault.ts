/**
 * A failure of the network at one exchange, as it shows above a transport.
 *
 * - `connect`: the connection cannot be made.
 * - `head`: the connection is made and the request is sent; the head of the answer never comes whole. `isStale`: the
 *   socket had served before, and the server had closed it meanwhile.
 * - `body`: the answer breaks off after so many bytes of its body.
 *
 * `code` is a system code of Node; `silence` stands for no sign at all, and `end`, in a body, for an end that looks like a
 * proper one.
 */
export interface WireFault {
  readonly at: 'connect' | 'head' | 'body';
  readonly code: string;
  readonly isStale?: boolean;
  /** Bytes of the body that still arrive; 0 by default. */
  readonly afterBytes?: number;
}

/** An error of Node with a system code. */
export function nodeError(code: string): Error {
  return Object.assign(new Error(`${code} (simulated)`), { code });
}
