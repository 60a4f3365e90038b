import { emulatedService } from '../../src/emulator/service.js';
import type { ServiceOptions } from '../../src/emulator/options.js';
import type { World } from '../../src/testing/simulation/world.js';
import { wholeNumber } from '../../src/testing/simulation/seeded.js';

export function quickVendor(
  world: World,
  {
    name = 'vendor.test',
    faults,
    skewMs = 0,
    ...options
  }: Omit<ServiceOptions, 'fault'> & { name?: string; skewMs?: number; faults?: { rate: number } },
) {
  const random = world.random(`vendor ${name}`);
  const host = world.host(
    name,
    ({ method, url, headers, body }, exchange) =>
      service.serve({ method, path: url.pathname + url.search, headers, body }, exchange),
    { skewMs },
  );
  const service = emulatedService(
    {
      tokensPerSecond: 50,
      ...options,
      fault: () =>
        faults && random() < faults.rate ? { reset: { afterDeltas: wholeNumber(random, 0, 60) } } : undefined,
    },
    {
      ...host.clock,
      pause: (ms) => new Promise((resolve) => void host.clock.setTimer(ms, resolve)),
      random,
      breathe: () => Promise.resolve(),
    },
  );
  return {
    url: `${host.url}/api/v1`,
    host,
    requests: service.requests,
    textFor: service.textFor,
    get books() {
      return service.books;
    },
    faultsMet: new Map<number, number>(),
  };
}
