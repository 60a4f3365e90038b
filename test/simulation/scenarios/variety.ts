import { concat, of } from 'rxjs';
import { GenerationError } from 'scriptorium';
import type { GenerationInput, InterceptorDefinition } from 'scriptorium';
import type { Random } from '../../../src/core/clock.js';
import type { Serve } from '../../../src/testing/simulation/host.js';
import type { SimulatedProcess } from '../../../src/testing/simulation/process.js';
import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { chance, promptOf } from './choices.js';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { scaled } from '../scene.js';
import type { Scenario, Scene } from '../scene.js';
import { Stage } from '../stage.js';

const EXACT = 'scriptorium/exact';

export const variety: Scenario = {
  name: 'variety',
  about: 'Reasoning, tools, images, objects, routes, events of interceptors, and all kinds of wrong input.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene, { faults: { rate: 0.5 } });
    const gallery = world.host('gallery.test', serveGallery);
    const process = await stage.process('editor', {
      plugins: [openrouter({ id: 'gallery', apiKey: 'simulated-key', baseUrl: `${gallery.url}/api/v1` })],
      interceptors: [announcing, failing(random)],
      config: { continuity: { onLength: 'continue' }, limits: { maxAnswerBytes: 40_000 } },
    });
    await stage.crowd(scaled(scene, 100), 12, async (index) => {
      const input = inputOf(random, index);
      await stage.generate(process, input);
      if (index % 10 === 0) await object(scene, process);
      if (index % 10 === 5) await misconfigured(scene);
    });
    await stage.close();
  },
};

function inputOf(random: Random, index: number): GenerationInput {
  const prompt = promptOf(random);
  switch (index % 8) {
    case 0:
      return { model: EXACT, prompt, reasoning: { effort: 'low' } };
    case 1:
      return {
        model: EXACT,
        prompt,
        tools: [{ name: 'note', parameters: { type: 'object', properties: { text: { type: 'string' } } } }],
        toolChoice: { name: 'note' },
      };
    case 2:
      return { provider: 'gallery', model: 'a/painter', prompt };
    case 3:
      return {
        model: EXACT,
        prompt,
        overrides: { routes: 'cheapest', routing: { models: ['scriptorium/chats-first'] } },
      };
    case 4:
      return oneOf<GenerationInput>(random, [
        { model: EXACT, prompt: '' },
        { model: EXACT, prompt, temperature: 7 },
        { model: EXACT },
        { provider: 'nobody', prompt },
      ]);
    case 5:
      return { provider: 'gallery', model: 'a/talker', prompt };
    case 6:
      return oneOf<GenerationInput>(random, [
        // The token cap is reached, and this model cannot be joined.
        { model: 'scriptorium/paraphrases-the-joint', prompt, maxTokens: wholeNumber(random, 5, 30) },
        { provider: 'gallery', model: 'a/prude', prompt },
        // JSON that breaks off cannot be continued.
        { provider: 'gallery', model: 'a/stutterer', prompt, responseFormat: { type: 'json' } },
      ]);
    default:
      return { model: EXACT, prompt, overrides: { budget: { generationTokens: chance(random, 0.5) ? 10 : 10_000 } } };
  }
}

/** An interceptor that emits events of its own. */
const announcing: InterceptorDefinition = {
  name: 'announcing',
  phase: 'observe',
  intercept: (request, next) =>
    concat(
      of(
        { type: 'custom' as const, name: 'editor/begun' as const, payload: request.model },
        { type: 'warning' as const, message: 'The editor reads along.', about: 'editor' },
      ),
      next(request),
    ),
};

/** An interceptor with a mistake in it. */
function failing(random: Random): InterceptorDefinition {
  return {
    name: 'failing',
    phase: 'prepare',
    intercept: (request, next) => {
      if (random() < 0.05) throw new TypeError('undefined is not a function');
      return next(request);
    },
  };
}

/** Answers with images, annotations and reasoning details, or with a text that is not an object. */
const serveGallery: Serve = async ({ body }, exchange) => {
  const { model } = JSON.parse(body) as { readonly model: string };
  const chunk = (delta: object, finish: string | null = null): string =>
    `data: ${JSON.stringify({ id: 'gen-gallery', model, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  exchange.open(200, { 'content-type': 'text/event-stream' });
  if (model === 'a/talker')
    // Never ends by itself.
    for (;;) {
      await exchange.pause(20);
      await exchange.write(chunk({ content: 'and so on and so forth '.repeat(50) }));
    }
  if (model === 'a/prude') {
    await exchange.write(chunk({ refusal: 'I would rather not.' }, 'stop'));
    await exchange.end('data: [DONE]\n\n');
    return;
  }
  if (model === 'a/stutterer') {
    await exchange.write(chunk({ content: '{ "ship": "a br' }));
    exchange.hangUp();
    return;
  }
  await exchange.write(
    chunk({ reasoning: 'A ship.', reasoning_details: [{ type: 'reasoning.text', text: 'A ship.' }] }),
  );
  await exchange.write(chunk({ content: 'Here is the ship: ' }));
  await exchange.write(chunk({ images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] }));
  await exchange.write(
    chunk({ annotations: [{ type: 'url_citation', url_citation: { url: 'https://ships.test', title: 'Ships' } }] }),
  );
  await exchange.write(chunk({ content: 'a brig.' }, 'stop'));
  await exchange.end('data: [DONE]\n\n');
};

/** An object that the model does not deliver. */
async function object({ coverage }: Scene, process: SimulatedProcess): Promise<void> {
  try {
    await process.pipeline.generateObject({
      provider: 'gallery',
      model: 'a/painter',
      prompt: 'Describe the ship.',
      schema: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
    });
  } catch (error) {
    if (GenerationError.is(error)) coverage.code(error.code);
  }
}

/** A pipeline with a wrong configuration never begins. */
async function misconfigured({ world, coverage }: Scene): Promise<void> {
  try {
    await world.process('misconfigured', { config: { retry: { maxAttempts: -1 } } });
    world.violation('A pipeline with a wrong configuration began.');
  } catch (error) {
    if (GenerationError.is(error)) coverage.code(error.code);
    else throw error;
  }
}
