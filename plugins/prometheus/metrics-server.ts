import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from 'scriptorium';

/** Answers one HTTP request. Usable wherever Node's own handlers are. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface MetricsServerOptions {
  /** The plugin's id, for messages. */
  readonly id: string;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly handle: RequestHandler;
}

export interface MetricsServer {
  /** Where the metrics are. */
  readonly url: string;
  /** Closes every connection, also one that is being answered. */
  close(): Promise<void>;
}

/** Serves `/metrics`, and keeps no process alive. @throws ConfigError if it cannot listen there */
export async function metricsServer({ id, host, port, handle }: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.url?.split('?', 1)[0] === '/metrics') handle(request, response);
    else answer(response, 404, 'The metrics are under /metrics.\n');
  });
  server.on('connection', (socket) => socket.unref());
  await listening(server, { host, port }).catch((error: unknown) => {
    throw new ConfigError(reasonOf(error, { id, host, port }), { cause: error });
  });
  server.on('error', () => undefined);
  server.unref();
  const { address, family, port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}/metrics`,
    close: () => closed(server),
  };
}

/** A short answer in plain text, unless somebody else has answered meanwhile. */
export function answer(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}

function listening(server: Server, place: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(place, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function reasonOf(error: unknown, { id, host, port }: Pick<MetricsServerOptions, 'id' | 'host' | 'port'>): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const remedy = `set plugins.${id}.port to a free one (0 takes any), or plugins.${id}.listen to false`;
  switch (code) {
    case 'EADDRINUSE':
      return `The metrics cannot be served: port ${port} of ${host} is in use; ${remedy}.`;
    case 'EACCES':
      return `The metrics cannot be served: this user may not listen on port ${port} of ${host}; ${remedy}.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `The metrics cannot be served: plugins.${id}.host is "${host}", which is no address of this machine.`;
    default:
      return `The metrics cannot be served on port ${port} of ${host}: ${String(error)}`;
  }
}
