import { emulatedService } from '../../../src/emulator/service.js';
import type { ServiceOptions } from '../../../src/emulator/options.js';
import type { World } from '../../../src/testing/simulation/world.js';

export function quickVendor(world: World, options: ServiceOptions) {
  const random = world.random('vendor');
  const host = world.host('vendor.test', ({ method, url, headers, body }, exchange) =>
    service.serve({ method, path: url.pathname + url.search, headers, body }, exchange),
  );
  const service = emulatedService(
    { tokensPerSecond: 50, ...options },
    {
      ...host.clock,
      pause: (ms) => new Promise((resolve) => void host.clock.setTimer(ms, resolve)),
      random,
      breathe: () => Promise.resolve(),
    },
  );
  return { url: `${host.url}/api/v1`, host, requests: service.requests, textFor: service.textFor, service };
}
