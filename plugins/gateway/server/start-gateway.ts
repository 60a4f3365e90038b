import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { ConfigError } from 'scriptorium';
import type { Pipeline } from 'scriptorium/plugin';
import { gatewayOf } from '../create-gateway.js';
import { makeParts } from '../make-parts.js';
import type { GatewayParts } from '../parts.js';
import { isLoopback, isWildcard } from './host-check.js';
import { makeServer } from './make-server.js';
import { RunningAnswers } from './running-answers.js';
import type { ServerOptions } from './server-options.js';

/** The connections that the system keeps until they are accepted. With Node's 511, a crowd that connects at once waits for resent packets. */
const WAITING_CONNECTIONS = 4_096;

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
  const running = new RunningAnswers();
  const parts = { ...makeParts(pipeline, options), isReady: () => !running.isStopping };
  const app = await listening(options, { parts, running }).catch((error: unknown) => {
    parts.calls.close();
    parts.access.close();
    throw error;
  });
  let closing: Promise<void> | undefined;
  return {
    url: urlOf(app, hostIn(options)),
    close: (drainMs) => (closing ??= running.stop(drainMs, parts.clock).then(() => app.close())),
  };
}

interface StartParts {
  readonly parts: GatewayParts;
  readonly running: RunningAnswers;
}

async function listening(options: ServerOptions, { parts, running }: StartParts): Promise<FastifyInstance> {
  const place = { host: hostIn(options), port: options.port ?? 8_787 };
  const { access, clock, pipeline } = parts;
  if (!isLoopback(place.host) && !(await access.hasKeys()))
    throw new ConfigError(
      `The gateway would be open to everyone on ${place.host}, since it has no keys. Make one with "scriptorium gateway key add NAME", or listen on 127.0.0.1.`,
    );
  const app = await makeServer(options, { running, clock, logger: pipeline.logger });
  try {
    await app.register(gatewayOf(parts));
    await app.listen({ ...place, backlog: WAITING_CONNECTIONS });
    return app;
  } catch (error) {
    await app.close();
    throw isOfTheSystem(error) ? new ConfigError(reasonOf(error, place), { cause: error }) : error;
  }
}

function hostIn({ host = '127.0.0.1' }: ServerOptions): string {
  return host;
}

/** A failure of the operating system, such as a port that is in use. */
interface SystemError {
  readonly code: string;
  readonly syscall: string;
  readonly message: string;
}

function isOfTheSystem(error: unknown): error is SystemError {
  return typeof error === 'object' && error !== null && 'syscall' in error;
}

function reasonOf(
  { code, message }: SystemError,
  { host, port }: { readonly host: string; readonly port: number },
): string {
  switch (code) {
    case 'EADDRINUSE':
      return `The gateway cannot listen: port ${port} of ${host} is in use. Choose another one with --port; 0 takes any that is free.`;
    case 'EACCES':
      return `The gateway cannot listen: this user may not use port ${port}. Choose one above 1023 with --port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `The gateway cannot listen: "${host}" is not an address of this machine. Choose another one with --host.`;
    default:
      return `The gateway cannot listen on port ${port} of ${host}: ${message}`;
  }
}

function urlOf(app: FastifyInstance, host: string): string {
  const { port } = app.server.address() as AddressInfo;
  const name = isWildcard(host) ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
