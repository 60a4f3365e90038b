import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { ConfigError } from 'scriptorium';
import type { Pipeline } from 'scriptorium/plugin';
import { gatewayOf } from '../create-gateway.js';
import { makeParts } from '../make-parts.js';
import { isLoopback, isWildcard } from './host-check.js';
import { makeServer } from './make-server.js';
import { RunningAnswers } from './running-answers.js';
import type { ServerOptions } from './server-options.js';

/** A gateway that listens. */
export interface RunningGateway {
  /** The address without a slash at its end, such as `http://127.0.0.1:8787`. */
  readonly url: string;
  /**
   * Takes no new work, waits up to `drainMs` milliseconds for running answers, then closes all connections. The pipeline
   * stays open.
   */
  close(drainMs: number): Promise<void>;
}

/**
 * Serves a pipeline over HTTP.
 * @throws ConfigError if it cannot listen there, if the host is open to others and there are no keys, or without fastify
 * @example
 * ```ts
 * const { url, close } = await startGateway(pipeline, { port: 8787 });
 * process.once('SIGTERM', () => void close(30_000));
 * ```
 */
export async function startGateway(pipeline: Pipeline, options: ServerOptions = {}): Promise<RunningGateway> {
  const { host = '127.0.0.1', port = 8_787 } = options;
  const running = new RunningAnswers();
  const parts = { ...makeParts(pipeline, options), isReady: () => !running.isStopping };
  if (!isLoopback(host) && !(await parts.access.hasKeys()))
    throw new ConfigError(
      `The gateway would be open to everyone on ${host}, since it has no keys. Make one with "scriptorium gateway key add NAME", or listen on 127.0.0.1.`,
    );
  const app = await makeServer(options, { running, clock: parts.clock, logger: pipeline.logger });
  await app.register(gatewayOf(parts));
  await listen(app, { host, port });
  let closing: Promise<void> | undefined;
  return {
    url: urlOf(app, host),
    close: (drainMs) => (closing ??= running.stop(drainMs, parts.clock).then(() => app.close())),
  };
}

async function listen(app: FastifyInstance, place: { readonly host: string; readonly port: number }): Promise<void> {
  try {
    await app.listen(place);
  } catch (error) {
    await app.close();
    throw error instanceof Error && 'syscall' in error
      ? new ConfigError(reasonOf(error, place), { cause: error })
      : error;
  }
}

function reasonOf(error: Error & { readonly code?: unknown }, { host, port }: { host: string; port: number }): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `The gateway cannot listen: port ${port} of ${host} is in use. Choose another one with --port; 0 takes any that is free.`;
    case 'EACCES':
      return `The gateway cannot listen: this user may not use port ${port}. Choose one above 1023 with --port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `The gateway cannot listen: "${host}" is not an address of this machine. Choose another one with --host.`;
    default:
      return `The gateway cannot listen on port ${port} of ${host}: ${error.message}`;
  }
}

function urlOf(app: FastifyInstance, host: string): string {
  const { port } = app.server.address() as AddressInfo;
  const name = isWildcard(host) ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
