import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../../support/eventually.js';
import { aSocket, served } from './served.js';

/** The kind of the timer that the system runs for a connection. */
const KEEP_ALIVE = '02';

/** The timers of the connections that a port has accepted, as the system lists them. */
function timersOf(port: number): readonly (string | undefined)[] {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, from, , state]) => from?.endsWith(local) === true && state === '01')
    .map((fields) => fields[5]?.slice(0, 2));
}

(process.platform === 'linux' ? describe : describe.skip)('a connection to the gateway', () => {
  it('is probed by the system while it is silent, so that a client that vanished is noticed', async () => {
    const { port } = await served();
    const { received, socket } = aSocket(port);
    socket.write('GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
    await eventually(() => received().includes('200 OK'));
    await eventually(() => timersOf(port).length === 1 && timersOf(port)[0] !== '00' && timersOf(port)[0] !== '01');
    expect(timersOf(port)).toEqual([KEEP_ALIVE]);
  });
});
