import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../../support/eventually.js';
import { aSocket, served } from './served.js';

const BYTES = 11 * 1024 * 1024;

describe('a body that is too large', () => {
  it.each(['/v1/chat/completions', '/generate', '/nowhere'])(
    'is read to its end, so that a client that only writes gets its answer: %s',
    async (path) => {
      const { port } = await served();
      const { socket, received } = aSocket(port);
      const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n`;
      socket.write(`${head}content-length: ${BYTES}\r\n\r\n`);
      await eventually(() => received().includes('\r\n\r\n'));
      socket.write(Buffer.alloc(BYTES, 'a'));
      socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
      await eventually(() => received().includes('{"status":"ok"}'));
      expect(
        received()
          .split('HTTP/1.1 ')
          .map((answer) => answer.slice(0, 3)),
      ).toEqual(['', '413', '200']);
    },
  );
});
