import { openrouter } from 'scriptorium/plugins/openrouter';
import { GenerationError } from 'scriptorium';
import type { GenerationEvent } from 'scriptorium';
import type { SimulatedProcess } from '../../../src/testing/simulation/process.js';
import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { scaled } from '../scene.js';
import type { Scene } from '../scene.js';
import type { ModelKind } from './asked.js';
import { BAD_MODELS, GOOD_MODELS } from './models.js';
import { aText } from './texts.js';
import { continuationVendor } from './vendor.js';
import type { ContinuationVendor } from './vendor.js';

/** How the generations with one kind of model came out. */
export interface Tally {
  whole: number;
  /** Texts that are handed over as cut, or with an error. */
  unfinished: number;
  /** The same, but all of the text is there: it broke off behind its last word, and no answer could prove that. */
  unproven: number;
  restarts: number;
  requests: number;
  /** Texts that were called whole and are not, or that no model has begun. */
  wrong: number;
}

const MOST_BREAKS = 3;

/** How a generation is asked for. */
const WAYS = ['generate', 'stream', 'stream-on-length'] as const;

export const MODELS: Readonly<Record<string, ModelKind>> = { ...GOOD_MODELS, ...BAD_MODELS };

export interface Extent {
  /** Texts by each kind of model. */
  readonly perModel: number;
  /** Filled with the outcome of each kind. */
  readonly tallies: Map<string, Tally>;
}

/** Writes texts with one kind of model after the other. Each breaks off one to three times, at random places. */
export async function writeContinuations(scene: Scene, { perModel, tallies }: Extent): Promise<void> {
  const { world } = scene;
  const vendor = continuationVendor(world);
  const process = await world.process('writer', {
    plugins: [
      openrouter({ apiKey: 'simulated-key', baseUrl: `${vendor.host.url}/api/v1`, prefill: { 'native/*': 'exact' } }),
    ],
    config: {
      defaults: { maxTokens: 5_000 },
      retry: { baseMs: 1, capMs: 2 },
      breaker: { minimumCalls: 1_000_000 },
    },
  });
  for (const [name, kind] of Object.entries(MODELS)) {
    const tally: Tally = { whole: 0, unfinished: 0, unproven: 0, restarts: 0, requests: 0, wrong: 0 };
    tallies.set(name, tally);
    for (let index = 0; index < scaled(scene, perModel); index += 1)
      await writeOne({ scene, vendor, process, tally, name, kind }, index);
    if (kind.isGood === true) world.check(tally.restarts === 0, () => `${name}, a good model, has begun anew.`);
  }
  await process.stop();
}

interface Writing {
  readonly scene: Scene;
  readonly vendor: ContinuationVendor;
  readonly process: SimulatedProcess;
  readonly tally: Tally;
  readonly name: string;
  readonly kind: ModelKind;
}

/** The text so far, and how it ended. */
interface Seen {
  text: string;
  deltas: number;
  end: string;
  isContinued: boolean;
}

async function writeOne({ scene, vendor, process, tally, name, kind }: Writing, index: number): Promise<void> {
  const { world, random, coverage } = scene;
  const prompt = `Write text ${index} of ${name}.`;
  const breaks = wholeNumber(random, 1, MOST_BREAKS);
  const work = { kind, whole: aText(random), cuts: breaks, requests: 0 };
  vendor.works.set(prompt, work);
  const way = oneOf(random, WAYS);
  const seen: Seen = { text: '', deltas: 0, end: '', isContinued: false };
  const take = (event: GenerationEvent): void => {
    coverage.event(event);
    if (event.type === 'restart') {
      seen.text = '';
      tally.restarts += 1;
    }
    seen.isContinued ||= event.type === 'continuation';
    if (event.type === 'generation-end') seen.end = event.finishReason.unified;
    if (event.type !== 'text-delta') return;
    seen.text += event.delta;
    seen.deltas += 1;
  };
  const input = {
    model: `${kind.prefill === 'exact' ? 'native' : 'told'}/${name}`,
    prompt,
    overrides: { continuity: { onLength: way === 'stream-on-length' ? 'continue' : 'stop' } as const },
  };
  try {
    await process.run(async ({ pipeline }) => {
      if (way !== 'generate') return pipeline.stream(input).forEach(take);
      const { events, result } = pipeline.start(input);
      events.subscribe({ next: take, error: () => undefined });
      const { text } = await result;
      world.check(text === seen.text, () => `${name}: the result is not what the events say.`);
    });
  } catch (error) {
    if (!GenerationError.is(error)) throw error;
    seen.end = error.code;
    seen.text = error.partial?.text ?? seen.text;
    coverage.code(error.code);
  }
  const before = tally.unfinished;
  judge({ name, tally, whole: work.whole, seen, scene });
  // So many breaks may all come before the first new word.
  if (kind.isGood === true && breaks < MOST_BREAKS)
    world.check(tally.unfinished === before, () => `${name}, a good model, has not finished its text: ${seen.end}`);
  tally.requests += work.requests;
  coverage.generation(seen.end === 'stop' ? 'succeeded' : 'failed', {
    deltas: seen.deltas,
    hadFault: true,
    wasContinued: seen.isContinued,
  });
}

interface Judged extends Pick<Writing, 'name' | 'tally' | 'scene'> {
  readonly whole: string;
  readonly seen: Seen;
}

/** A text that is called whole is the model's own to the letter; any other is its beginning. */
function judge({ name, tally, whole, seen: { text, end }, scene }: Judged): void {
  const isRight = end === 'stop' ? text === whole : whole.startsWith(text);
  if (end === 'stop') tally.whole += 1;
  else if (text.trimEnd() === whole.trimEnd()) tally.unproven += 1;
  else tally.unfinished += 1;
  if (isRight) return;
  tally.wrong += 1;
  let at = 0;
  while (at < text.length && text[at] === whole[at]) at += 1;
  const excerpt = (of: string): string => JSON.stringify(of.slice(Math.max(at - 40, 0), at + 40));
  scene.world.violation(`${name}: a wrong text (${end}): ${excerpt(text)} in place of ${excerpt(whole)}`);
}
