import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { ManualClock } from 'scriptorium/testing';
import { eventually } from '../../../support/eventually.js';
import { aSocket, served } from './served.js';

const GENERATE = '/generate?prompt=Begin.';

/** Holds generations back until it opens. */
function aGate() {
  let entered = 0;
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    until: () => {
      entered += 1;
      return opened;
    },
    open: () => open(),
    entered: () => entered,
  };
}

const statusOf = async (answer: Promise<Response>) => (await answer).status;

describe('a gateway that stops', () => {
  it('lets running answers end, takes no new work, and reports that it is not ready', async () => {
    const { until, open, entered } = aGate();
    const { gateway, url, emulator } = await served({ until });
    const running = fetch(url + GENERATE, { method: 'POST' });
    const second = aSocket(Number(new URL(url).port));
    await eventually(() => entered() === 1);
    const closed = gateway.close(600_000);
    const refused = await fetch(url + GENERATE, { method: 'POST' });
    expect({
      status: refused.status,
      retryAfter: refused.headers.get('retry-after'),
      detail: ((await refused.json()) as { detail: string }).detail,
    }).toEqual({
      status: 503,
      retryAfter: '5',
      detail: 'The gateway is stopping. Send the request to another one, or later.',
    });
    expect({ ready: await statusOf(fetch(`${url}/readyz`)), alive: await statusOf(fetch(`${url}/healthz`)) }).toEqual({
      ready: 503,
      alive: 200,
    });
    const gone = once(second.socket, 'close');
    open();
    expect(await statusOf(running)).toBe(200);
    await closed;
    await gone;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
    expect(emulator.requests).toMatchObject([{ outcome: 'completed' }]);
  });

  it('breaks answers that take longer than they may, and cancels their generations', async () => {
    const clock = new ManualClock();
    const { gateway, url, emulator } = await served({
      clock,
      emulator: { words: 2_000, tokensPerSecond: 20 },
    });
    const running = fetch(url + GENERATE, { method: 'POST' }).then(
      ({ status }) => status,
      () => 'broken',
    );
    await eventually(() => emulator.requests.length === 1);
    const closed = gateway.close(30_000);
    clock.advance(30_000);
    await closed;
    expect(await running).toBe('broken');
    await eventually(() => emulator.requests[0]?.outcome === 'cancelled');
  });

  it('closes at once if nothing runs, and only once', async () => {
    const { gateway } = await served({ clock: new ManualClock() });
    const first = gateway.close(30_000);
    expect(gateway.close(0)).toBe(first);
    await first;
  });
});

describe('a gateway that has as many requests as it takes', () => {
  it('answers 503 with a time to come back, and takes the next one after an end', async () => {
    const { until, open, entered } = aGate();
    const { url } = await served({ until, maxRequests: 1 });
    const running = fetch(url + GENERATE, { method: 'POST' });
    await eventually(() => entered() === 1);
    const tooMany = await fetch(url + GENERATE, { method: 'POST' });
    expect({ status: tooMany.status, retryAfter: tooMany.headers.get('retry-after') }).toEqual({
      status: 503,
      retryAfter: '5',
    });
    expect(await statusOf(fetch(`${url}/healthz`))).toBe(200);
    open();
    expect(await statusOf(running)).toBe(200);
    expect(await statusOf(fetch(url + GENERATE, { method: 'POST' }))).toBe(200);
  });
});
