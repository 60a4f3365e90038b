import type { Random } from '../../../src/core/clock.js';
import type { Host } from '../../../src/testing/simulation/host.js';
import { wholeNumber } from '../../../src/testing/simulation/seeded.js';
import type { World } from '../../../src/testing/simulation/world.js';
import type { Asked, ModelKind, Said } from './asked.js';

/** A text that a model writes, and breaks off a few times. */
export interface Work {
  readonly kind: ModelKind;
  readonly whole: string;
  /** Answers that break off before their end. */
  cuts: number;
  requests: number;
}

export interface ContinuationVendor {
  readonly host: Host;
  /** By prompt. */
  readonly works: Map<string, Work>;
}

interface Message {
  readonly role: string;
  readonly content: string;
}

type Reply = Parameters<Parameters<World['host']>[1]>[1];

/** A vendor of models that continue a text in all the ways of `ModelKind`, and break off within their answers. */
export function continuationVendor(world: World): ContinuationVendor {
  const random = world.random('vendor');
  const works = new Map<string, Work>();
  const host = world.host('continuations.test', async ({ body }, exchange) => {
    const { model, messages } = JSON.parse(body) as { readonly model: string; readonly messages: readonly Message[] };
    const work = works.get(messages[0]?.content ?? '');
    if (work === undefined) throw new Error(`No text is known for ${body}`);
    work.requests += 1;
    const asked = askedOf(messages, work, random);
    world.check(
      work.whole.startsWith(messages[1]?.content ?? ''),
      () => `${model} is asked to continue a text that is not its own: ${messages[1]?.content.slice(-60)}`,
    );
    const said = asked.at === 0 ? work.whole : work.kind.answer(asked);
    const answer = typeof said === 'string' ? { text: said } : said;
    await send(exchange, { answer: { model, ...answer }, random, cutAfter: cutOf(work, answer, random) });
  });
  return { host, works };
}

function askedOf(messages: readonly Message[], { whole, requests }: Work, random: Random): Asked {
  const [, text, user] = messages;
  const instruction = user?.content ?? '';
  const words = instruction.slice(instruction.lastIndexOf(':\n\n') + 3);
  return { whole, at: text?.content.length ?? 0, instruction, words, random, turn: requests };
}

/** Characters after which the answer breaks off, if it does. */
function cutOf(work: Work, { text }: Said, random: Random): number | undefined {
  if (work.cuts === 0 || text === '') return undefined;
  work.cuts -= 1;
  return wholeNumber(random, 1, Array.from(text).length);
}

interface Sent {
  readonly answer: Said & { readonly model: string };
  readonly random: Random;
  readonly cutAfter: number | undefined;
}

async function send(exchange: Reply, { answer, random, cutAfter }: Sent): Promise<void> {
  const { text, finish = 'stop', thoughts, calls = false, model } = answer;
  const chunk = (delta: object, reason: string | null = null): string =>
    `data: ${JSON.stringify({ id: 'gen-1', model, choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
  exchange.open(200, { 'content-type': 'text/event-stream' });
  if (thoughts !== undefined) await exchange.write(chunk({ reasoning: thoughts }));
  const characters = Array.from(text).slice(0, cutAfter);
  for (let at = 0; at < characters.length;) {
    const size = wholeNumber(random, 1, 40);
    await exchange.write(chunk({ content: characters.slice(at, at + size).join('') }));
    at += size;
  }
  // Without a finish reason: the answer has broken off.
  if (cutAfter !== undefined) return exchange.end();
  const call = { index: 0, id: 'call-1', function: { name: 'save', arguments: '{}' } };
  if (calls) await exchange.write(chunk({ tool_calls: [call] }));
  await exchange.write(chunk({}, finish));
  const usage = { prompt_tokens: 10, completion_tokens: 10, cost: 0.001 };
  return exchange.end(`data: ${JSON.stringify({ id: 'gen-1', choices: [], usage })}\n\ndata: [DONE]\n\n`);
}
