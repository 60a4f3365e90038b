import type { Clock, Random } from '../../core/clock.js';
import type { Host as EmulatorHost } from '../../emulator/host.js';
import type { IncomingRequest } from '../../emulator/incoming.js';
import type { ServerRequest } from './host.js';
import { Waits } from './waits.js';

/** A request to a simulated host as the emulator takes it. */
export function emulatorRequest({ method, url, headers, body }: ServerRequest): IncomingRequest {
  return {
    method,
    path: `${url.pathname}${url.search}`,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body,
  };
}

/**
 * The emulator's time and chance, from a simulated host.
 * @param mistake receives each error of the emulator itself
 */
export function emulatorHost(clock: Clock, random: Random, mistake: (error: unknown) => void): EmulatorHost {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimer: (ms, run) => clock.setTimer(ms, run),
    pause: (ms, signal = new AbortController().signal) =>
      new Waits(signal).orGone((resolve) => clock.setTimer(ms, resolve)),
    breathe: () => Promise.resolve(),
    random,
    mistake,
  };
}
