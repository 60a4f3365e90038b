import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** The emulator in its thread. */
export interface SoakServer {
  readonly url: string;
  /** How many connections the server has open. */
  openSockets(): Promise<number>;
  stop(): Promise<unknown>;
}

export async function startServer(seed: number): Promise<SoakServer> {
  const worker = new Worker(new URL('./server.js', import.meta.url), { workerData: { seed } });
  const [url] = (await once(worker, 'message')) as [string];
  return {
    url,
    openSockets: async () => {
      worker.postMessage('sockets');
      const [count] = (await once(worker, 'message')) as [number];
      return count;
    },
    stop: () => worker.terminate(),
  };
}
