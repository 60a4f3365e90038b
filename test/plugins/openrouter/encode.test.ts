import { describe, expect, it } from '@jest/globals';
import { Secret } from 'scriptorium';
import type { GenerationRequest } from 'scriptorium';
import { aRequest } from 'scriptorium/testing';
import { encodeChat } from '../../../plugins/openrouter/encode.js';
import type { Endpoint } from '../../../plugins/openrouter/encode.js';

const ENDPOINT: Endpoint = {
  id: 'openrouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  apiKey: new Secret('sk-test'),
  siteUrl: 'https://book.example',
  siteTitle: 'Book',
  prefill: null,
  remedies: {},
};

const told: string[] = [];
const encode = (parts: Partial<GenerationRequest> = {}, endpoint: Partial<Endpoint> = {}) =>
  encodeChat(aRequest({ provider: 'openrouter', ...parts }), { ...ENDPOINT, ...endpoint }, (sentence) =>
    told.push(sentence),
  );
const bodyOf = (parts: Partial<GenerationRequest> = {}): Record<string, unknown> =>
  JSON.parse(encode(parts).body!) as Record<string, unknown>;

describe('the body of a chat request', () => {
  it('holds no more than what is set', () => {
    expect(bodyOf()).toEqual({ model: 'a-model', messages: [{ role: 'user', content: 'Begin.' }], stream: true });
  });

  it.each([
    ['maxTokens', 8192, 'max_tokens'],
    ['temperature', 0.7, 'temperature'],
    ['topP', 0.9, 'top_p'],
    ['topK', 40, 'top_k'],
    ['minP', 0.05, 'min_p'],
    ['topA', 0.1, 'top_a'],
    ['frequencyPenalty', -1.5, 'frequency_penalty'],
    ['presencePenalty', 1.5, 'presence_penalty'],
    ['repetitionPenalty', 1.1, 'repetition_penalty'],
    ['seed', 42, 'seed'],
    ['stop', ['END', '###'], 'stop'],
  ])('sends %s as %j under the name %s', (field, value, name) => {
    expect(bodyOf({ [field]: value })).toEqual({ ...bodyOf(), [name]: value });
  });

  it.each([
    'temperature',
    'topP',
    'topK',
    'minP',
    'topA',
    'frequencyPenalty',
    'presencePenalty',
    'repetitionPenalty',
    'seed',
  ])('sends 0 for %s as 0', (field) => {
    expect(Object.values(bodyOf({ [field]: 0 }))).toContain(0);
  });

  it('holds a temperature and no top-p for a model that refuses both, and says so', () => {
    const both = { temperature: 0.7, topP: 0.9 };
    told.length = 0;
    const [refuses, takes, alone] = [
      bodyOf({ model: 'anthropic/claude-sonnet-4.5', ...both }),
      bodyOf({ model: 'anthropic/claude-3.7-sonnet', ...both }),
      bodyOf({ model: 'anthropic/claude-sonnet-4.5', topP: 0.9 }),
    ];
    expect(refuses).toMatchObject({ temperature: 0.7 });
    expect(refuses).not.toHaveProperty('top_p');
    expect(takes).toMatchObject({ temperature: 0.7, top_p: 0.9 });
    expect(alone).toMatchObject({ top_p: 0.9 });
    expect(told).toEqual([
      'openrouter: left out topP for anthropic/claude-sonnet-4.5 (refused beside a temperature; set temperature to null to send topP instead).',
    ]);
  });

  it.each(['maxTokens', 'temperature', 'topP', 'stop', 'seed', 'reasoning'])(
    'leaves %s out where it is undefined',
    (field) => {
      expect(encode({ [field]: undefined }).body).toBe(encode().body);
    },
  );

  it('translates the limits on reasoning', () => {
    expect(bodyOf({ reasoning: { effort: 'high' } }).reasoning).toEqual({ effort: 'high' });
    expect(bodyOf({ reasoning: { maxTokens: 0, exclude: true } }).reasoning).toEqual({ max_tokens: 0, exclude: true });
  });

  it("asks for a stream or for a whole answer, as the request's wire says", () => {
    expect([bodyOf({ wire: 'sse' }).stream, bodyOf({ wire: 'json' }).stream]).toEqual([true, false]);
  });

  it("passes the provider's own options on as they are, above the common ones, but never the wire", () => {
    const openrouter = {
      models: ['a', 'b'],
      provider: { order: ['x'] },
      temperature: 0.1,
      stream: false,
      session_id: 's',
    };
    expect(bodyOf({ temperature: 1, providerOptions: { openrouter, other: { models: ['z'] } } })).toEqual({
      ...bodyOf(),
      models: ['a', 'b'],
      provider: { order: ['x'] },
      temperature: 0.1,
      session_id: 's',
      stream: true,
    });
  });

  it('takes the options of its own instance', () => {
    const parts = { providerOptions: { second: { models: ['b'] }, openrouter: { models: ['a'] } } };
    expect(JSON.parse(encode(parts, { id: 'second' }).body!)).toMatchObject({ models: ['b'] });
  });

  it('is the same text for the same request, whatever the order of its fields', () => {
    const one = encode({ temperature: 1, topP: 0.5, seed: 3, maxTokens: 9 });
    const other = encode({ maxTokens: 9, seed: 3, topP: 0.5, temperature: 1 });
    expect(one.body).toBe(other.body);
  });
});

describe('the head of a chat request', () => {
  it.each(['https://openrouter.ai/api/v1', 'https://openrouter.ai/api/v1/', 'https://openrouter.ai/api/v1//'])(
    'goes to the chat completions of %s',
    (baseUrl) => {
      expect(encode({}, { baseUrl })).toMatchObject({
        method: 'POST',
        url: 'https://openrouter.ai/api/v1/chat/completions',
      });
    },
  );

  it('holds the key, the kind of body, and who is asking', () => {
    expect(encode().headers).toEqual({
      authorization: 'Bearer sk-test',
      'content-type': 'application/json',
      'http-referer': 'https://book.example',
      'x-openrouter-title': 'Book',
      'x-title': 'Book',
    });
  });

  it("takes the request's own headers, which win whatever their case", () => {
    expect(encode({ headers: { 'X-Title': 'Other', 'X-Session-Id': '7' } }).headers).toMatchObject({
      'x-title': 'Other',
      'x-session-id': '7',
      authorization: 'Bearer sk-test',
    });
    expect(
      Object.keys(encode({ headers: { 'X-Title': 'Other' } }).headers).filter(
        (name) => name.toLowerCase() === 'x-title',
      ),
    ).toEqual(['x-title']);
  });
});
