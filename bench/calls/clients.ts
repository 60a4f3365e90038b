import { Agent } from 'node:http';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import fetch from 'node-fetch';
import type * as openrouterPlugin from '../../plugins/openrouter/index.js';
import type * as scriptorium from '../../src/index.js';
import { readStream, textOf } from '../kit/bare-client.js';
import type { Batch, SideOptions } from './protocol.js';

/** Makes one call and resolves with its text. */
export type Call = (wire: Batch['wire']) => Promise<string>;

const MODEL = 'scriptorium/exact';
const PROMPT = 'Write a chapter.';
/** Tokens of a JSON answer. */
const JSON_TOKENS = 30;

/** Makes the client of a side. */
export function clientOf(options: SideOptions): Promise<Call> | Call {
  return options.root === undefined ? bareClient(options) : pipelineClient(options, options.root);
}

/** A pipeline of the build in a folder, with the default configuration. */
async function pipelineClient({ url, deltas }: SideOptions, root: string): Promise<Call> {
  const built = (path: string): Promise<unknown> => import(pathToFileURL(join(resolve(root), 'dist', path)).href);
  const { createPipeline } = (await built('src/index.js')) as typeof scriptorium;
  const { openrouter } = (await built('plugins/openrouter/index.js')) as typeof openrouterPlugin;
  const pipeline = await createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'calls', baseUrl: url })],
    config: { logging: { level: 'silent' }, defaults: { model: MODEL } },
  });
  return async (wire) => {
    if (wire === 'json') return (await pipeline.generate({ prompt: PROMPT, maxTokens: JSON_TOKENS, wire })).text;
    let text = '';
    await pipeline.text({ prompt: PROMPT, maxTokens: deltas, wire }).forEach((delta) => {
      text += delta;
    });
    return text;
  };
}

/** node-fetch over connections that are kept alive, with the least parsing there can be. */
function bareClient({ url, deltas }: SideOptions): Call {
  const agent = new Agent({ keepAlive: true });
  const messages = [{ role: 'user', content: PROMPT }];
  const bodies = {
    json: JSON.stringify({ model: MODEL, messages, max_tokens: JSON_TOKENS }),
    sse: JSON.stringify({ model: MODEL, messages, max_tokens: deltas, stream: true }),
  };
  const headers = { authorization: 'Bearer calls', 'content-type': 'application/json' };
  return async (wire) => {
    const response = await fetch(`${url}/chat/completions`, { method: 'POST', agent, headers, body: bodies[wire] });
    if (wire === 'json') return textOf(await response.text());
    return (await readStream(response.body as AsyncIterable<Uint8Array> | null)).text;
  };
}
