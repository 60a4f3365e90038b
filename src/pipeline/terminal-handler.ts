import type { Clock } from '../core/clock.js';
import { toGenerationError } from '../core/errors/classify.js';
import type { Handler } from '../core/interceptor.js';
import { ATTEMPT_MONITOR, monitorAfter } from '../core/monitor.js';
import type { Redact } from '../core/ports.js';
import type { Connection, Provider } from '../core/provider.js';
import type { GenerationRequest } from '../core/request.js';
import type { Transport } from '../core/transport.js';
import { providerNamed } from './provider-named.js';
import { scrubEvents } from './scrub.js';

export interface TerminalParts {
  readonly providers: readonly Provider[];
  readonly transport: Transport;
  readonly clock: Clock;
  readonly redact: Redact;
}

/** The end of the chain: finds the provider and gives it the transport of this attempt, monitored. What comes back holds no secret. */
export function terminalHandler({ providers, transport, clock, redact }: TerminalParts): Handler {
  return (request) => providerNamed(request.provider, providers).generate(request, connectionFor(request, transport, clock)).pipe(scrubEvents(redact));
}

/** Tells what a transport leaves untold, so that limits, timeouts and accounts hold over every transport. */
function connectionFor({ context, state: { current } }: GenerationRequest, transport: Transport, clock: Clock): Connection {
  const monitor = context.get(ATTEMPT_MONITOR);
  const markSent = (sent: boolean): void => {
    if (current !== undefined) current.sent = sent;
  };
  return {
    open: async (wire, signal) => {
      const told = { socket: false, connect: false, headers: false };
      const observed = monitorAfter(monitor, {
        onSocket: () => { told.socket = true; },
        onConnect: () => { told.connect = true; markSent(true); },
        onHeaders: () => { told.headers = true; },
      });
      markSent(false);
      try {
        const response = await transport.open(wire, signal, observed);
        if (!told.connect) observed.onConnect();
        if (!told.headers) observed.onHeaders(response.status);
        return response;
      } catch (error) {
        // A transport that reports its sockets would have said that one was connected.
        if (!told.socket && toGenerationError(error).neverSent !== true) markSent(true);
        throw error;
      }
    },
    monitor,
    clock,
  };
}
