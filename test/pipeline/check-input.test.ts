import { describe, expect, it } from '@jest/globals';
import { createPipeline, tokens } from 'scriptorium';
import type { GenerationInput } from 'scriptorium';
import { FakeTransport } from 'scriptorium/testing';
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';

const aPipeline = (transport: FakeTransport, config: object = {}) =>
  createPipeline({
    environment: {},
    config,
    plugins: [openaiCompatible({ id: 'quill', baseUrl: 'http://quill.test/v1', model: 'quill-1' })],
    register: (container) => container.register(tokens.TRANSPORT, { useValue: transport }),
  });

describe('pipeline.check', () => {
  it('fills in what the configuration says, and sends nothing', async () => {
    const transport = new FakeTransport();
    const config = { defaults: { temperature: 0.2, maxTokens: 500 }, continuity: { onLength: 'continue' } };
    await using pipeline = await aPipeline(transport, config);
    const { input, isPriceKnown } = pipeline.check({ prompt: 'Write.', maxTokens: 100 });
    expect(input).toMatchObject({
      prompt: 'Write.',
      provider: 'quill',
      model: 'quill-1',
      maxTokens: 100,
      temperature: 0.2,
      overrides: { routes: [], continuity: { onLength: 'continue', onBreak: 'resume' } },
    });
    expect({ isPriceKnown, sent: transport.requests.length }).toEqual({ isPriceKnown: false, sent: 0 });
  });

  it('keeps what the input says itself, and gives an input that another pipeline takes', async () => {
    await using one = await aPipeline(new FakeTransport(), { continuity: { onLength: 'continue' } });
    await using other = await aPipeline(new FakeTransport(), { defaults: { model: 'quill-2', topP: 0.1 } });
    const given: GenerationInput = {
      system: 'Write well.',
      prompt: 'Write.',
      labels: { book: 'ada' },
      overrides: { continuity: { targetWords: 900 }, routes: [{ model: 'quill-3' }] },
    };
    const { input } = one.check(given);
    expect(input).toMatchObject(given);
    expect(other.check(input).input).toEqual(input);
  });

  it('refuses what a generation would refuse, naming the field', async () => {
    await using pipeline = await aPipeline(new FakeTransport());
    expect(() => pipeline.check({ prompt: 'Write.', maxTokens: -1 })).toThrow(/maxTokens is -1/);
    expect(() => pipeline.check({ prompt: 'Write.', provider: 'quil' })).toThrow(/No provider "quil"; known: quill/);
    expect(() => pipeline.check({})).toThrow(/either "prompt" or "messages"/);
  });
});
