import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * An answer to GET that a plugin offers over HTTP, such as `/metrics`. Programs that serve the pipeline, such as the gateway,
 * answer the path with it, to those who may see the work of all clients.
 * @see docs/plugins.md
 */
export interface HttpEndpoint {
  /** Begins with a slash. The path belongs to the first plugin that offers it. */
  readonly path: string;
  /** One line for descriptions. */
  readonly summary: string;
  /** Answers GET and HEAD. */
  handle(request: IncomingMessage, response: ServerResponse): void;
}
