import { describe, expect, it } from '@jest/globals';
import { BudgetError } from 'scriptorium';
import type { ConfigInput } from 'scriptorium';
import type { EmulatorOptions } from 'scriptorium/testing';
import { eventsOf, failureOf } from '../support/pipelines.js';
import { aStage } from './an-emulator.js';

const priced = (id: string, completion: string) => ({
  id,
  context_length: 100_000,
  pricing: { prompt: '0.000001', completion },
});
const CATALOGUE = [priced('x/dear', '0.00002'), priced('x/cheap', '0.000002'), priced('x/middle', '0.00001')];

/** A pipeline over three models, whose prices it has been told. */
async function over(config: ConfigInput, emulator: EmulatorOptions = {}) {
  const stage = await aStage({
    emulator: { catalogue: CATALOGUE, ...emulator },
    config: {
      ...config,
      defaults: { model: 'x/dear' },
      routing: { models: ['x/middle', 'x/cheap'], ...config.routing },
    },
  });
  await stage.pipeline.models();
  return { ...stage, asked: () => stage.emulator.requests.map(({ model }) => model) };
}

describe('routes: cheapest', () => {
  it("sends a generation to the cheapest model of the provider's list, and the result tells why", async () => {
    const { pipeline, asked } = await over({ routes: 'cheapest' });
    const { model, route } = await pipeline.generate({ prompt: 'Begin.', maxTokens: 1_000 });
    expect([asked(), model]).toEqual([['x/cheap'], 'x/cheap']);
    expect(route).toMatchObject({
      strategy: 'cheapest',
      chosen: { provider: 'openrouter', model: 'x/cheap' },
      reason: expect.stringMatching(/^The cheapest: at most \$0\.002\d*\.$/),
      considered: [{ model: 'x/cheap' }, { model: 'x/middle' }, { model: 'x/dear' }],
    });
  });

  it('tells it in the stream too, before the attempt begins', async () => {
    const { pipeline } = await over({ routes: 'cheapest' });
    const [first, second] = await eventsOf(pipeline);
    expect([first, second]).toMatchObject([
      { type: 'route-chosen', strategy: 'cheapest', chosen: { model: 'x/cheap' } },
      { type: 'attempt-start', model: 'x/cheap' },
    ]);
  });

  it('goes on to the next cheapest where the first refuses', async () => {
    const { pipeline, emulator, asked } = await over({ routes: 'cheapest' });
    emulator.script({ status: 404 });
    const { model, route } = await pipeline.generate({ prompt: 'Begin.' });
    expect([asked(), model, route?.chosen.model]).toEqual([['x/cheap', 'x/middle'], 'x/middle', 'x/cheap']);
  });

  it('has the list that came with the package where nobody has asked for another, and asks for none itself', async () => {
    const { pipeline, emulator } = await aStage({
      config: {
        routes: 'cheapest',
        defaults: { model: 'anthropic/claude-opus-4.5' },
        routing: { models: ['openai/gpt-5-mini'] },
      },
    });
    const { route } = await pipeline.generate({ prompt: 'Begin.' });
    expect([route?.chosen.model, emulator.lookUps]).toEqual(['openai/gpt-5-mini', []]);
  });

  it('says nothing of a route where there is no choice', async () => {
    const { pipeline } = await aStage();
    expect(await pipeline.generate({ prompt: 'Begin.' })).not.toHaveProperty('route');
  });
});

describe('routes: fastest', () => {
  it('measures each model once, and then stays with the fastest', async () => {
    const { pipeline, asked } = await over({ routes: 'fastest' });
    for (let index = 0; index < 3; index += 1) await pipeline.generate({ prompt: 'Begin.' });
    expect(asked()).toEqual(['x/dear', 'x/middle', 'x/cheap']);
    const { route } = await pipeline.generate({ prompt: 'Begin.' });
    expect(route?.reason).toMatch(/^The fastest: \d+ ms to the first token, then \d+ tokens per second\.$/);
    expect(route?.considered.every(({ tokensPerSecond = 0 }) => tokensPerSecond > 0)).toBe(true);
  });
});

describe('a price cap', () => {
  it('keeps a list of routes from what is dearer', async () => {
    const { pipeline, asked } = await over({
      routes: [{ model: 'x/middle' }, { model: 'x/cheap' }],
      routing: { maxCompletionPrice: 5 },
    });
    const { route } = await pipeline.generate({ prompt: 'Begin.' });
    expect(asked()).toEqual(['x/cheap']);
    expect(route?.considered.slice(1)).toMatchObject(
      ['x/dear', 'x/middle'].map((model) => ({
        model,
        leftOut: 'its completion price is above $5 per million tokens',
      })),
    );
  });

  it('that no model is below fails before anything is sent', async () => {
    const { pipeline, asked } = await over({ routes: 'cheapest' });
    const failure = await failureOf(
      pipeline.generate({ prompt: 'Begin.', overrides: { routing: { maxPromptPrice: 0.5 } } }),
    );
    expect(failure).toBeInstanceOf(BudgetError);
    expect([failure.code, asked(), pipeline.stats().failed]).toEqual(['budget', [], 1]);
  });
});

describe('a session', () => {
  it('stays with the model that has answered it, and is named to OpenRouter for the sake of its cache', async () => {
    const { pipeline, emulator, asked } = await over({ routes: 'cheapest' });
    emulator.script({ status: 404 });
    await pipeline.generate({ prompt: 'Begin.', labels: { book: 'ada' } });
    const { route } = await pipeline.generate({ prompt: 'Go on.', labels: { book: 'ada' } });
    expect(asked()).toEqual(['x/cheap', 'x/middle', 'x/middle']);
    expect(route?.reason).toBe('Session "ada" keeps its first model, which has the prompt in its cache.');
    expect(emulator.requests.map(({ body }) => (body as { session_id?: string }).session_id)).toEqual([
      'ada',
      'ada',
      'ada',
    ]);
  });

  it('goes by a hash where its name is longer than OpenRouter takes', async () => {
    const { pipeline, emulator } = await over({ routes: 'cheapest' });
    await pipeline.generate({ prompt: 'Begin.', labels: { book: 'a'.repeat(300) } });
    expect(emulator.requests[0]?.body).toMatchObject({ session_id: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it('is not named where routes are a list', async () => {
    const { pipeline, emulator } = await over({});
    await pipeline.generate({ prompt: 'Begin.', labels: { book: 'ada' } });
    expect(emulator.requests[0]?.body).not.toHaveProperty('session_id');
  });
});
