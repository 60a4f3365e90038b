import { describe, expect, it } from '@jest/globals';
import type { GenerationRequest } from 'scriptorium';
import type { PresetName } from 'scriptorium/plugins/openai-compatible';
import { PRESET_NAMES } from '../../../plugins/openai-compatible/presets.js';
import { sentTo } from './servers.js';

const bodyOf = (name: PresetName, parts: Partial<GenerationRequest> = {}) => sentTo(name, parts).body;
const ASKED = { role: 'user', content: 'Begin.' } as const;
const GIVEN = {
  text: 'It was a dark',
  anchor: ' night ',
  instruction: 'Go on.',
  reason: 'interrupted',
  byInstruction: false,
} as const;
const begun = (extra: object = {}) => [ASKED, { role: 'assistant', content: 'It was a dark night', ...extra }];
const instructed = [ASKED, { role: 'assistant', content: 'It was a dark' }, { role: 'user', content: 'Go on.' }];

describe('what a server is asked', () => {
  it.each<[PresetName, string]>([
    ['openai', 'https://api.openai.com/v1/chat/completions'],
    ['groq', 'https://api.groq.com/openai/v1/chat/completions'],
    ['together', 'https://api.together.xyz/v1/chat/completions'],
    ['mistral', 'https://api.mistral.ai/v1/chat/completions'],
    ['deepseek', 'https://api.deepseek.com/chat/completions'],
    ['vllm', 'http://127.0.0.1:8000/v1/chat/completions'],
    ['llama-cpp', 'http://127.0.0.1:8080/v1/chat/completions'],
    ['lm-studio', 'http://127.0.0.1:1234/v1/chat/completions'],
    ['ollama', 'http://127.0.0.1:11434/v1/chat/completions'],
  ])('goes, for %s, to %s', (name, url) => {
    expect(sentTo(name).url).toBe(url);
  });

  it.each(PRESET_NAMES)('holds, for %s, no more than what is set', (name) => {
    const { stream_options: _usage, ...rest } = bodyOf(name);
    expect(rest).toEqual({ model: 'a-model', messages: [ASKED], stream: true });
  });

  it.each([
    ['claude-3-7-sonnet-latest', { temperature: 0.7, top_p: 0.9 }, []],
    ['claude-sonnet-4-5', { temperature: 0.7 }, ['topP (refused beside a temperature; set temperature to null']],
    ['aws/claude-opus-4-1', { temperature: 0.7 }, ['topP (refused beside']],
    ['my-claude-alias', { temperature: 0.7 }, ['topP (refused beside']],
    ['claude-opus-4-7', {}, ['temperature (the model refuses it)', 'topP (the model refuses it)']],
  ])('holds, for %s, the sampling that it takes', (model, sampling, leftOut) => {
    const { body, told } = sentTo('generic', { model, temperature: 0.7, topP: 0.9, frequencyPenalty: 0.1 });
    expect(body).toEqual({ ...bodyOf('generic', { model, frequencyPenalty: 0.1 }), ...sampling });
    expect(told).toEqual(leftOut.map((what) => expect.stringContaining(`generic: left out ${what}`)));
  });

  it('holds a top-p where a model that takes one of both has no temperature', () => {
    const { body, told } = sentTo('generic', { model: 'claude-sonnet-4-5', topP: 0.9 });
    expect({ topP: body.top_p, told }).toEqual({ topP: 0.9, told: [] });
  });

  it('takes the options of its own instance over all, but never the wire', () => {
    const providerOptions = { groq: { service_tier: 'flex', seed: 9, stream: false }, other: { seed: 1 } };
    expect(bodyOf('groq', { seed: 3, providerOptions })).toMatchObject({ service_tier: 'flex', seed: 9, stream: true });
  });

  it('takes a field out where the options say null or undefined', () => {
    expect(bodyOf('generic', { providerOptions: { generic: { stream_options: undefined } } })).not.toHaveProperty(
      'stream_options',
    );
  });

  it("has the key in the head, further headers from the configuration, and the request's own over those", () => {
    const { headers } = sentTo(
      'openai',
      { headers: { 'X-Trace': 'request' } },
      { headers: { 'OpenAI-Organization': 'org-1', 'x-trace': 'configured' } },
    );
    expect(headers).toEqual({
      authorization: 'Bearer sk-test',
      'content-type': 'application/json',
      'openai-organization': 'org-1',
      'x-trace': 'request',
    });
  });

  it('has no authorization where there is no key', () => {
    expect(sentTo('ollama', {}, { apiKey: null }).headers).toEqual({ 'content-type': 'application/json' });
  });

  it('is without the marks that only OpenRouter knows', () => {
    const messages = [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Long.', cache: true },
          { type: 'image', url: 'https://x.test/a.png' },
        ],
      },
      { role: 'assistant', content: 'Hm.', reasoningDetails: [{ type: 'reasoning.text' }] },
      { role: 'user', content: 'Go.' },
    ] as const;
    expect(bodyOf('openai', { messages }).messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Long.' },
          { type: 'image_url', image_url: { url: 'https://x.test/a.png' } },
        ],
      },
      { role: 'assistant', content: 'Hm.' },
      { role: 'user', content: 'Go.' },
    ]);
  });
});

describe('the names of the fields', () => {
  it.each(PRESET_NAMES)('of the token cap, for %s', (name) => {
    const field = name === 'openai' || name === 'groq' ? 'max_completion_tokens' : 'max_tokens';
    expect(bodyOf(name, { maxTokens: 99 })).toEqual({ ...bodyOf(name), [field]: 99 });
  });

  it.each(PRESET_NAMES)('of the seed, for %s', (name) => {
    const others = new Map<PresetName, string | undefined>([
      ['mistral', 'random_seed'],
      ['deepseek', undefined],
    ]);
    const known = others.has(name) ? others.get(name) : 'seed';
    expect(bodyOf(name, { seed: 0 })).toEqual({ ...bodyOf(name), ...(known !== undefined && { [known]: 0 }) });
  });

  it.each<[PresetName, object]>([
    ['generic', {}],
    ['openai', {}],
    ['groq', {}],
    ['mistral', {}],
    ['deepseek', {}],
    ['ollama', {}],
    ['together', { top_k: 40, min_p: 0.05, repetition_penalty: 1.1 }],
    ['vllm', { top_k: 40, min_p: 0.05, repetition_penalty: 1.1 }],
    ['llama-cpp', { top_k: 40, min_p: 0.05, repeat_penalty: 1.1 }],
    ['lm-studio', { top_k: 40, repeat_penalty: 1.1 }],
  ])('of further sampling, for %s: %j', (name, expected) => {
    expect(bodyOf(name, { topK: 40, minP: 0.05, repetitionPenalty: 1.1, topA: 0.1 })).toEqual({
      ...bodyOf(name),
      ...expected,
    });
  });

  it.each(PRESET_NAMES)('of the effort of reasoning, for %s', (name) => {
    const takes = ['openai', 'groq', 'together', 'deepseek', 'vllm', 'ollama'].includes(name);
    expect(bodyOf(name, { reasoning: { effort: 'high' } })).toEqual({
      ...bodyOf(name),
      ...(takes && { reasoning_effort: 'high' }),
    });
  });

  it.each(['o3', 'o4-mini', 'gpt-5.1'])('of sampling are left out for %s of OpenAI, which refuses them', (model) => {
    const sampling = { temperature: 0.7, topP: 0.9, frequencyPenalty: 1, presencePenalty: 1 };
    expect(bodyOf('openai', { model, ...sampling })).toEqual(bodyOf('openai', { model }));
    expect(bodyOf('openai', { model: 'gpt-4.1', ...sampling })).toMatchObject({
      temperature: 0.7,
      top_p: 0.9,
      frequency_penalty: 1,
      presence_penalty: 1,
    });
    expect(bodyOf('together', { model, ...sampling })).toMatchObject({ temperature: 0.7 });
  });
});

describe('the usage of a stream', () => {
  it.each(PRESET_NAMES)('is asked for where it must be: %s', (name) => {
    const tellsByItself = ['groq', 'together', 'mistral'].includes(name);
    expect(bodyOf(name).stream_options).toEqual(tellsByItself ? undefined : { include_usage: true });
    expect(bodyOf(name, { wire: 'json' })).not.toHaveProperty('stream_options');
  });
});

describe('a text to go on from', () => {
  it.each<[PresetName, string, object, object]>([
    ['mistral', 'mistral-large-latest', { prefix: true }, {}],
    ['deepseek', 'deepseek-chat', { prefix: true }, {}],
    ['vllm', 'any', {}, { continue_final_message: true, add_generation_prompt: false }],
    ['llama-cpp', 'any', {}, {}],
    ['groq', 'llama-3.3-70b-versatile', {}, {}],
  ])('is begun for the models of %s: %s', (...[name, model, inMessage, inBody]) => {
    expect(bodyOf(name, { model, continuation: GIVEN })).toEqual({
      ...bodyOf(name, { model }),
      messages: begun(inMessage),
      ...inBody,
    });
  });

  it.each<[PresetName, string]>([
    ['generic', 'any'],
    ['openai', 'gpt-4.1'],
    ['groq', 'openai/gpt-oss-120b'],
    ['together', 'any'],
    ['mistral', 'magistral-medium'],
    ['deepseek', 'deepseek-reasoner'],
    ['lm-studio', 'any'],
    ['ollama', 'llama3.2'],
  ])('is told to the models of %s: %s', (name, model) => {
    expect(bodyOf(name, { model, continuation: GIVEN })).toEqual({ ...bodyOf(name, { model }), messages: instructed });
  });

  it.each<PresetName>(['mistral', 'vllm', 'deepseek'])(
    'is told, without marks, where that is asked for, and where the model is to think first: %s',
    (name) => {
      const model = 'deepseek-chat';
      const byInstruction = { ...GIVEN, byInstruction: true };
      expect(bodyOf(name, { model, continuation: byInstruction })).toEqual({
        ...bodyOf(name, { model }),
        messages: instructed,
      });
      const reasoning = { effort: 'high' } as const;
      expect(bodyOf(name, { model, continuation: GIVEN, reasoning })).toEqual({
        ...bodyOf(name, { model, reasoning }),
        messages: instructed,
      });
    },
  );

  it.each([['https://api.deepseek.com'], ['https://api.deepseek.com/v1/'], ['https://api.deepseek.com/beta']])(
    'goes, at DeepSeek, to its beta address: from %s',
    (baseUrl) => {
      expect(sentTo('deepseek', { model: 'deepseek-chat', continuation: GIVEN }, { baseUrl }).url).toBe(
        'https://api.deepseek.com/beta/chat/completions',
      );
    },
  );

  it("is refused where the user's table says so, which goes before the preset's", () => {
    const prefill = { 'dull-*': 'none', '*': 'exact' } as const;
    expect(() => sentTo('vllm', { model: 'dull-1', continuation: GIVEN }, { prefill })).toThrow(
      expect.objectContaining({ code: 'cannot-continue' }),
    );
    expect(sentTo('ollama', { continuation: GIVEN }, { prefill }).body.messages).toEqual(begun());
  });

  it('that the user begins is marked as one', () => {
    const messages = [ASKED, { role: 'assistant', content: 'It was' }] as const;
    expect(bodyOf('mistral', { messages }).messages).toEqual([
      ASKED,
      { role: 'assistant', content: 'It was', prefix: true },
    ]);
  });
});
