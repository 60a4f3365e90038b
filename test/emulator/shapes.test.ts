import { type } from 'arktype';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import type { Pipeline } from 'scriptorium';
import * as z from 'zod';
import { pipelineTo } from '../support/pipelines.js';
import { anEmulator, closeAll } from './client.js';

const pipelines: Pipeline[] = [];
afterEach(async () => {
  await Promise.all(pipelines.splice(0).map((pipeline) => pipeline.dispose()));
});
afterAll(closeAll);

async function aStage(options: { readonly words?: number } = {}) {
  const emulator = await anEmulator(options);
  const pipeline = await pipelineTo(emulator.url, { defaults: { model: 'scriptorium/exact' } });
  pipelines.push(pipeline);
  return { emulator, pipeline };
}

const Chapter = z.object({
  title: z.string().min(4).max(40),
  pages: z.int().min(10).max(12),
  rating: z.number().gt(0).lt(5),
  isDraft: z.boolean(),
  mood: z.enum(['calm', 'stormy']),
  scenes: z.array(z.object({ place: z.string(), people: z.array(z.string()).min(2) })),
  kind: z.literal('chapter'),
  note: z.union([z.string(), z.null()]),
  nothing: z.null(),
  ends: z.number().max(-3),
});

describe('an answer that must fit a schema', () => {
  it.each(['sse', 'json'] as const)('fits it at once, over %s, in words of the embedded model', async (wire) => {
    const { pipeline, emulator } = await aStage();
    const { object, attempts } = await pipeline.generateObject({ prompt: 'Plan a chapter.', schema: Chapter, wire });
    expect(object).toMatchObject({ pages: 10, isDraft: true, mood: 'calm', kind: 'chapter', ends: -3, nothing: null });
    expect(object.title).toMatch(/^\S+ \S+ \S+/);
    expect(attempts).toHaveLength(1);
    expect(emulator.requests[0]).toMatchObject({
      text: JSON.stringify(object),
      finishReason: 'stop',
      outcome: 'completed',
    });
  });

  it('fits one of another library, and one that points into itself', async () => {
    const { pipeline } = await aStage();
    expect(
      (await pipeline.generateObject({ prompt: 'Plan.', schema: type({ name: 'string', 'masts?': 'number > 2' }) }))
        .object,
    ).toMatchObject({ masts: 3 });
    const schema = {
      $defs: { ship: { type: 'object', properties: { name: { type: ['string', 'null'] } }, required: ['name'] } },
      properties: { ships: { items: { $ref: '#/$defs/ship' } } },
    };
    expect(
      (await pipeline.generateObject<{ ships: readonly unknown[] }>({ prompt: 'Plan.', schema })).object.ships,
    ).toHaveLength(1);
  });

  it('is an object where only JSON is asked for', async () => {
    const { pipeline } = await aStage();
    const { text } = await pipeline.generate({ prompt: 'Plan.', responseFormat: { type: 'json' } });
    expect(JSON.parse(text)).toEqual({ answer: expect.stringMatching(/^\S+ \S+ \S+$/) });
  });

  it('is cut by the token cap like any other', async () => {
    const { pipeline } = await aStage();
    expect(await pipeline.generate({ prompt: 'Plan.', responseFormat: { type: 'json' }, maxTokens: 2 })).toMatchObject({
      text: '{"answer":',
      finishReason: { unified: 'length' },
    });
  });
});

const TOOLS = [
  { name: 'look_up', parameters: { type: 'object', properties: { word: { type: 'string' } } } },
  { name: 'stop' },
];

describe('a tool that must be called', () => {
  it.each([
    ['sse', 'required', 'look_up'],
    ['json', 'required', 'look_up'],
    ['sse', { name: 'stop' }, 'stop'],
    ['json', { name: 'stop' }, 'stop'],
  ] as const)('is, over %s, when the choice is %j', async (wire, toolChoice, name) => {
    const { pipeline } = await aStage();
    const { toolCalls, text, finishReason, usage } = await pipeline.generate({
      prompt: 'Which word?',
      tools: TOOLS,
      toolChoice,
      wire,
    });
    expect(toolCalls).toEqual([
      {
        type: 'tool-call',
        index: 0,
        id: expect.stringMatching(/^call_gen-/),
        name,
        arguments: name === 'stop' ? '{}' : expect.stringMatching(/^\{"word":"[^"]+"\}$/),
      },
    ]);
    expect([text, finishReason]).toEqual(['', { unified: 'tool-calls', raw: 'tool_use' }]);
    expect(usage.outputTokens).toBeGreaterThan(0);
  });

  it('is not, when it only may be', async () => {
    const { pipeline } = await aStage({ words: 5 });
    expect(await pipeline.generate({ prompt: 'Which word?', tools: TOOLS })).toMatchObject({
      toolCalls: [],
      finishReason: { unified: 'stop' },
    });
  });
});
