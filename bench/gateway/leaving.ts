import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startGatewayProcess } from './gateway-process.js';
import { post } from './timed-call.js';

const CHUNK = 'data: {"id":"x","choices":[{"index":0,"delta":{"content":"word "}}]}\n\n';

/** A vendor that writes one word, or none, and then is silent. */
async function silentVendor() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    /** The next request for a chat. */
    next: async (): Promise<ServerResponse> => {
      for (;;) {
        const [request, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
        if (request.url?.endsWith('/chat/completions') === true) return response;
        response.writeHead(404).end('{}');
      }
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Milliseconds from the moment when a client leaves to that when the vendor's connection is closed, for each round. */
export async function leavingTimes(
  rounds: number,
  { transport, kind }: { readonly transport: string; readonly kind: 'json' | 'stream' },
): Promise<readonly number[]> {
  const vendor = await silentVendor();
  const gateway = await startGatewayProcess({ vendor: vendor.url, keys: 0, transport });
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const asked = vendor.next();
    const sent = post(`${gateway.url}/v1`, { kind, tokens: 100 });
    sent.on('error', () => undefined);
    const response = await asked;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(kind === 'stream' ? CHUNK : ': wait\n\n');
    if (kind === 'stream') {
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      answer.on('error', () => undefined);
      await once(answer, 'data');
    }
    const leftAt = performance.now();
    const closed = once(response, 'close');
    sent.destroy();
    await closed;
    times.push(performance.now() - leftAt);
  }
  gateway.stop();
  vendor.close();
  return times;
}
