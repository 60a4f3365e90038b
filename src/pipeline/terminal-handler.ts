import type { Clock } from '../core/clock.js';
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

/** A provider that brings its own connection has sent its request; over ours, it has once there is a connected socket. */
function connectionFor({ context, state: { current } }: GenerationRequest, transport: Transport, clock: Clock): Connection {
  const monitor = context.get(ATTEMPT_MONITOR);
  const markSent = (sent: boolean): void => {
    if (current !== undefined) current.sent = sent;
  };
  markSent(true);
  return {
    open: (wire, signal) => {
      markSent(false);
      return transport.open(wire, signal, monitorAfter(monitor, { onConnect: () => markSent(true) }));
    },
    monitor,
    clock,
  };
}
