import { describe, expect, it } from '@jest/globals';
import type { Answer } from '../../src/emulator/answer.js';
import { chunkOf, textChunks } from '../../src/emulator/chunks.js';

const ANSWER: Answer = {
  id: 'gen-1767225600-aB3',
  created: 1_767_225_600,
  modelId: 'scriptorium/exact',
  prices: { prompt: 1, completion: 4 },
  cachedTokens: 0,
  promptTokens: 12,
  reasoning: [],
  hidesReasoning: false,
  content: [],
  finishReason: 'stop',
};

const TEXTS = [' word', '"quoted" \\ \n', '\u0000', '{"content":"\u0000"}', '🐋', '$1$&'];

describe('chunks of text', () => {
  it.each([
    { name: 'a text', answer: ANSWER },
    { name: 'the arguments of a tool call', answer: { ...ANSWER, tool: 'note' } },
    { name: 'a model with an odd name', answer: { ...ANSWER, modelId: '\u0000' } },
  ])('are those that are written one by one, for $name', ({ answer }) => {
    const chunkWith = textChunks(answer);
    expect(TEXTS.map(chunkWith)).toEqual(TEXTS.map((text) => chunkOf(answer, { text })));
  });
});
