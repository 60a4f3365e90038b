import { Worker } from 'node:worker_threads';

export interface SteadyServer {
  readonly url: string;
  close(): Promise<unknown>;
}

/** A server in a thread of its own, which goes on while this one stands still: each answer comes as server-sent events, one every 20 ms. */
export async function steadyServer(events: readonly string[]): Promise<SteadyServer> {
  const worker = new Worker(
    `
    const { parentPort, workerData } = require('node:worker_threads');
    require('node:http').createServer((request, response) => {
      const events = [...workerData];
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => {
        if (events.length > 0) return response.write(events.shift());
        clearInterval(timer);
        response.end();
      }, 20);
    }).listen(0, '127.0.0.1', function () { parentPort.postMessage(this.address().port); });
  `,
    { eval: true, workerData: events },
  );
  const port = await new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  return { url: `http://127.0.0.1:${port}/api/v1`, close: () => worker.terminate() };
}
