import { Agent } from 'node:http';
import fetch from 'node-fetch';
import { Agent as Dispatcher, request } from 'undici';
import { readStream } from '../kit/bare-client.js';

/** Streams one answer and resolves with its text. */
export type StreamText = () => Promise<string>;

/** The HTTP clients without a pipeline, over connections that are kept alive. */
export interface BareClients {
  readonly 'node-fetch': StreamText;
  readonly undici: StreamText;
  close(): Promise<void>;
}

/** Makes the clients, for as many streams at once. */
export function bareClients(url: string, streams: number): BareClients {
  const [agent, dispatcher] = [new Agent({ keepAlive: true }), new Dispatcher({ connections: streams })];
  const body = JSON.stringify({
    model: 'vendor/model-name',
    stream: true,
    messages: [{ role: 'user', content: 'Begin.' }],
  });
  const call = { method: 'POST', body, headers: { 'content-type': 'application/json' } } as const;
  return {
    'node-fetch': async () => {
      const response = await fetch(`${url}/chat/completions`, { ...call, agent });
      return (await readStream(response.body as AsyncIterable<Uint8Array> | null)).text;
    },
    undici: async () => {
      const response = await request(`${url}/chat/completions`, { ...call, dispatcher });
      return (await readStream(response.body)).text;
    },
    close: async () => {
      await dispatcher.close();
      agent.destroy();
    },
  };
}
