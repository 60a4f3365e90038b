import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';

const standStill = (ms: number): void => {
  for (const end = performance.now() + ms; performance.now() < end;);
};

describe("the machine's clock", () => {
  it('reads arrived data before a timer runs, also if another timer blocked the thread', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [far] = (await once(server, 'connection')) as [Socket];
    const order: string[] = [];
    socket.on('data', () => order.push('data'));
    await new Promise<void>((resolve) => {
      // From here the event loop comes to its timers before it comes to its sockets.
      setImmediate(() => {
        far.end('the answer');
        systemClock.setTimer(1, () => standStill(50));
        systemClock.setTimer(20, () => {
          order.push('timer');
          resolve();
        });
        standStill(30);
      });
    });
    expect(order).toEqual(['data', 'timer']);
    server.close();
  });

  it.each([0, 5])(
    'does not run a cancelled timer, even if another one of the same moment cancelled it (%d ms)',
    async (ms) => {
      let ran = 0;
      await new Promise<void>((resolve) => {
        const cancels = [0, 1].map(() =>
          systemClock.setTimer(ms, () => {
            ran += 1;
            cancels.forEach((cancel) => cancel());
          }),
        );
        setTimeout(resolve, 40);
      });
      expect(ran).toBe(1);
    },
  );
});
