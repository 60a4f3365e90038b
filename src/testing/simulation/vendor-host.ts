import type { Clock, Random } from '../../core/clock.js';
import type { Exchange } from '../../emulator/exchange.js';
import type { Host as EmulatorHost } from '../../emulator/host.js';
import type { IncomingRequest } from '../../emulator/incoming.js';
import type { Host, ServerExchange, ServerRequest } from './host.js';
import { orGone } from './until-gone.js';

/** A request to a simulated host as the emulator takes it. */
export function emulatorRequest({ method, url, headers, body }: ServerRequest): IncomingRequest {
  return {
    method,
    path: `${url.pathname}${url.search}`,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body,
  };
}

/** The emulator's time and chance, from a simulated host. */
export function emulatorHost(clock: Clock, random: Random): EmulatorHost {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimer: (ms, run) => clock.setTimer(ms, run),
    pause: (ms, signal = new AbortController().signal) => orGone(signal, (resolve) => clock.setTimer(ms, resolve)),
    breathe: () => Promise.resolve(),
    random,
  };
}

/** The emulator's view of an exchange with a simulated host. */
export function emulatorExchange(exchange: ServerExchange, host: Host): Exchange {
  let isSent = false;
  return {
    signal: exchange.signal,
    get isOpen() {
      return exchange.isOpen;
    },
    get ending() {
      if (!exchange.signal.aborted) return undefined;
      return isSent ? 'sent' : host.down === undefined ? 'lost' : 'shut-down';
    },
    open: (status, headers) => exchange.open(status, headers),
    write: (text) => exchange.write(text),
    end: async (text) => {
      await exchange.end(text);
      isSent = true;
    },
    hangUp: () => exchange.hangUp(),
    reset: () => exchange.reset(),
    pause: (ms) => exchange.pause(ms),
    untilGone: () => exchange.untilGone(),
  };
}
