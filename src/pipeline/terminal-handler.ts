import { Observable } from 'rxjs';
import type { Clock } from '../core/clock.js';
import { continuedMessages } from '../core/continuation.js';
import { toGenerationError } from '../core/errors/classify.js';
import { GenerationError } from '../core/errors/generation-error.js';
import type { GenerationEvent } from '../core/events.js';
import type { Handler } from '../core/interceptor.js';
import { ATTEMPT_MONITOR, monitorAfter } from '../core/monitor.js';
import type { AttemptMonitor } from '../core/monitor.js';
import type { Redact } from '../core/ports.js';
import type { ProviderRegistry } from '../core/provider-registry.js';
import type { Connection } from '../core/provider.js';
import type { GenerationRequest } from '../core/request.js';
import type { Transport } from '../core/transport.js';
import { scrubEvents } from '../core/errors/scrub.js';

export interface TerminalParts {
  readonly providers: ProviderRegistry;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly redact: Redact;
  /** 0 for no limit. */
  readonly maxAnswerBytes: number;
}

/** The end of the chain: finds the provider, gives it a monitored connection for this attempt, and masks secrets in its events. */
export function terminalHandler(parts: TerminalParts): Handler {
  return (request) => attempt(request, parts).pipe(scrubEvents(parts.redact));
}

/** The provider's answer; an answer of more than `maxAnswerBytes` fails. */
function attempt(
  request: GenerationRequest,
  { providers, transport, clock, maxAnswerBytes }: TerminalParts,
): Observable<GenerationEvent> {
  const provider = providers.get(request.provider);
  // A provider without capabilities would ignore the continuation and answer afresh.
  if (provider.capabilities === undefined) continuedMessages(request, 'none');
  const monitor = request.context.get(ATTEMPT_MONITOR);
  if (maxAnswerBytes === 0) return provider.generate(request, connectionFor(request, transport, { monitor, clock }));
  return new Observable((subscriber) => {
    let bytes = 0;
    const counting = monitorAfter(monitor, {
      onBytes: (count) => {
        bytes += count;
        if (bytes > maxAnswerBytes) subscriber.error(answerTooLong(maxAnswerBytes));
      },
    });
    provider.generate(request, connectionFor(request, transport, { monitor: counting, clock })).subscribe(subscriber);
  });
}

function answerTooLong(limit: number): GenerationError {
  return new GenerationError(
    'buffer-limit',
    `The answer is longer than ${limit} bytes (limits.maxAnswerBytes); the connection was closed.`,
  );
}

/** Reports what a transport does not report itself, so that limits, timeouts and accounting hold over any transport. */
function connectionFor(
  { state: { current } }: GenerationRequest,
  transport: Transport,
  { monitor, clock }: { readonly monitor: AttemptMonitor; readonly clock: Clock },
): Connection {
  const markSent = (sent: boolean): void => {
    if (current !== undefined) current.sent = sent;
  };
  return {
    open: async (wire, signal) => {
      const reported = { socket: false, connect: false, headers: false };
      const observed = monitorAfter(monitor, {
        onSocket: () => {
          reported.socket = true;
        },
        onConnect: () => {
          reported.connect = true;
          markSent(true);
        },
        onHeaders: () => {
          reported.headers = true;
        },
      });
      markSent(false);
      try {
        const response = await transport.open(wire, signal, observed);
        if (!reported.connect) observed.onConnect();
        if (!reported.headers) observed.onHeaders(response.status);
        return response;
      } catch (error) {
        // A transport that reports its sockets would have said that one was connected.
        if (!reported.socket && toGenerationError(error).neverSent !== true) markSent(true);
        throw error;
      }
    },
    monitor,
    clock,
  };
}
