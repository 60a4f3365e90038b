import { describe, expect, it } from '@jest/globals';
import type { FinishReason, GenerationResult } from 'scriptorium';
import { chatAnswer } from 'scriptorium/provider';

const HEAD = { id: 'gen-1', created: 1_790_000_000, model: 'openai/gpt-5' };

function aResult(parts: Partial<GenerationResult> = {}): GenerationResult {
  return {
    text: 'One two.',
    reasoning: '',
    reasoningDetails: [],
    toolCalls: [],
    annotations: [],
    images: [],
    finishReason: { unified: 'stop', raw: 'end_turn' },
    usage: { inputTokens: 7, outputTokens: 3, costUsd: 0.25, source: 'reported' },
    cost: { known: 0.25, estimated: 0, unmeasuredAttempts: 0 },
    provider: 'mine',
    model: 'm',
    attempts: [],
    segments: [],
    servedFrom: 'provider',
    ...parts,
  };
}

function choiceOf(parts: Partial<GenerationResult>): unknown {
  return (chatAnswer(aResult(parts), HEAD) as { readonly choices: readonly unknown[] }).choices[0];
}

describe('a whole answer', () => {
  it('has the form of a chat completion, with the head of the request and the usage of the generation', () => {
    expect(chatAnswer(aResult(), HEAD)).toEqual({
      id: 'gen-1',
      object: 'chat.completion',
      created: 1_790_000_000,
      model: 'openai/gpt-5',
      provider: 'mine',
      system_fingerprint: null,
      choices: [
        {
          index: 0,
          finish_reason: 'stop',
          native_finish_reason: 'end_turn',
          logprobs: null,
          message: { role: 'assistant', content: 'One two.', refusal: null },
        },
      ],
      usage: {
        prompt_tokens: 7,
        completion_tokens: 3,
        total_tokens: 10,
        prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
        cost: 0.25,
      },
    });
  });

  it('has an empty text, never null, beside tool calls', () => {
    const toolCalls = [{ type: 'tool-call' as const, index: 0, id: 'call-1', name: 'look', arguments: '{}' }];
    expect(choiceOf({ text: '', toolCalls })).toMatchObject({
      message: {
        content: '',
        tool_calls: [{ id: 'call-1', type: 'function', function: { name: 'look', arguments: '{}' } }],
      },
    });
  });

  it('has thoughts, sources and images where the model has given some', () => {
    const annotation = { type: 'url_citation', url_citation: { url: 'https://example.org' } };
    const parts = { reasoning: 'Hm.', reasoningDetails: [{ id: 1 }], annotations: [annotation], images: ['data:,x'] };
    expect(choiceOf(parts)).toMatchObject({
      message: {
        reasoning: 'Hm.',
        reasoning_details: [{ id: 1 }],
        annotations: [annotation],
        images: [{ type: 'image_url', image_url: { url: 'data:,x' } }],
      },
    });
  });

  it.each<[FinishReason['unified'], string]>([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content-filter', 'content_filter'],
    ['tool-calls', 'tool_calls'],
    ['other', 'stop'],
  ])('has for the reason %s the word of the protocol, %s', (unified, word) => {
    expect(choiceOf({ finishReason: { unified, raw: null } })).toMatchObject({
      finish_reason: word,
      native_finish_reason: null,
    });
  });
});
