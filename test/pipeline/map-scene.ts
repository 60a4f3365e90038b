import type { GenerationInput } from 'scriptorium';
import type { Serve } from 'scriptorium/testing';
import { begins, EVENT_STREAM, replies } from '../support/simulated-scene.js';
import { delta, DONE, finish } from '../support/wire.js';

/** What the server does with a prompt. */
export type Act = { readonly afterMs: number } | 'fail' | 'hang';

/** An input whose answer is its prompt, after so many milliseconds; or an error, or two words and silence. */
export function anInput(name: string, act: Act = { afterMs: 10 }): GenerationInput {
  return { prompt: JSON.stringify({ name, act }) };
}

/** Answers as `anInput` wants it. */
export const acting: Serve = async (request, exchange) => {
  const { name, act } = promptIn(request.body);
  if (act === 'fail') return replies(400)(request, exchange);
  if (act === 'hang') return begins(delta(`half ${name} `), delta('text'))(request, exchange);
  exchange.open(200, EVENT_STREAM);
  await exchange.pause(act.afterMs);
  await exchange.write(delta(`text ${name}`));
  return exchange.end(finish() + DONE);
};

/** The names of the inputs for which requests were sent, in their order. */
export function namesIn(requests: readonly string[]): readonly string[] {
  return requests.map((body) => promptIn(body).name);
}

function promptIn(body: string): { readonly name: string; readonly act: Act } {
  const { messages } = JSON.parse(body) as { readonly messages: readonly { readonly content: string }[] };
  return JSON.parse(messages.at(-1)?.content ?? '') as { readonly name: string; readonly act: Act };
}
