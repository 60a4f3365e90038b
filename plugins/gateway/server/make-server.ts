import type { FastifyInstance } from 'fastify';
import { GenerationError } from 'scriptorium';
import type { Clock, Logger } from 'scriptorium/plugin';
import { BODY_BYTES } from './body-limit.js';
import { answerClientErrors } from './client-errors.js';
import { sendFailures } from './failures.js';
import { answerHalfClosed } from './half-closed.js';
import { hostCheck } from './host-check.js';
import { loadFastify } from './load-packages.js';
import { readOn } from './read-on.js';
import { refuseExpectations } from './refused-expectations.js';
import type { RunningAnswers } from './running-answers.js';
import type { ServerOptions } from './server-options.js';
import { unknownPaths } from './unknown-paths.js';

/** The largest headers of a request, in bytes. */
const HEADER_BYTES = 16 * 1024;
/** The longest part of a path, such as the labels of a base URL. */
const LONGEST_PART = 4_096;
/** The silence of a connection after which the system asks whether its client is still there, in milliseconds. */
const SILENT_MS = 60_000;
/** The pause before a refused request may be sent again, in milliseconds. */
const RETRY_MS = 5_000;

/** What a server needs beside its options. */
export interface ServerParts {
  readonly running: RunningAnswers;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Makes a Fastify server with the caps, the checks and the error answers of a gateway, without routes. */
export async function makeServer(options: ServerOptions, parts: ServerParts): Promise<FastifyInstance> {
  const { host = '127.0.0.1', allowHosts = [], maxConnections = 10_000 } = options;
  const { headersTimeoutMs = 10_000, requestTimeoutMs = 60_000 } = options;
  const { default: fastify } = await loadFastify();
  const fail = sendFailures(parts);
  const app = fastify({
    bodyLimit: BODY_BYTES,
    requestTimeout: requestTimeoutMs,
    http: {
      maxHeaderSize: HEADER_BYTES,
      keepAlive: true,
      // The check of the host's name refuses requests without one, in the envelope.
      requireHostHeader: false,
      keepAliveInitialDelay: SILENT_MS,
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: Math.min(headersTimeoutMs, 1_000),
    },
    routerOptions: { maxParamLength: LONGEST_PART },
    forceCloseConnections: true,
    return503OnClosing: false,
    clientErrorHandler: answerClientErrors(parts),
    frameworkErrors: fail,
  });
  app.server.maxConnections = maxConnections;
  refuseExpectations(app.server, parts.clock);
  answerHalfClosed(app.server, parts);
  app.setErrorHandler(fail);
  app.setNotFoundHandler(unknownPaths(app));
  app.addHook('onSend', readOn);
  const check = hostCheck({ host, allowHosts });
  const admit = admission(options, parts);
  app.addHook('onRequest', (request, reply, done) => {
    check(request.raw);
    admit(request.method);
    parts.running.add(reply.raw);
    done();
  });
  return app;
}

/** Refuses work while the server stops, and more of it than may run or wait at once. */
function admission({ maxRequests = 2_000 }: ServerOptions, { running, clock }: ServerParts): (method: string) => void {
  return (method) => {
    if (method !== 'POST') return;
    if (!running.isStopping && running.workCount < maxRequests) return;
    throw new GenerationError(
      'unavailable',
      running.isStopping
        ? 'The gateway is stopping. Send the request to another one, or later.'
        : `The gateway has ${maxRequests} requests, and takes no more. Send the request later.`,
      { status: 503, retryAt: clock.now() + RETRY_MS },
    );
  };
}
