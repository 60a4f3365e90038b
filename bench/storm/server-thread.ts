import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Answers, Envelope, ServerOptions } from './protocol.js';

/** The emulator in its thread. */
export interface StormServer {
  readonly url: string;
  ask<Name extends keyof Answers>(name: Name, ...rest: Parameters<Answers[Name]>): Promise<ReturnType<Answers[Name]>>;
  stop(): Promise<unknown>;
}

export async function startServer(options: ServerOptions): Promise<StormServer> {
  const worker = new Worker(new URL('./server.js', import.meta.url), { workerData: options });
  const [url] = (await once(worker, 'message')) as [string];
  const asked: ((value: unknown) => void)[] = [];
  worker.on('message', ({ id, value }: { readonly id: number; readonly value: unknown }) => asked[id]?.(value));
  return {
    url,
    ask: async (name, ...[argument]) => {
      const answer = await new Promise((resolve) => {
        const envelope: Envelope = { id: asked.push(resolve) - 1, name, argument };
        worker.postMessage(envelope);
      });
      return answer as ReturnType<Answers[typeof name]>;
    },
    stop: () => worker.terminate(),
  };
}
