import { describe, expect, it } from '@jest/globals';
import { ApiError } from 'scriptorium';
import { isGivenUp, readFinish } from '../../src/chat/finish.js';
import { readUsage } from '../../src/chat/usage.js';
import { chunk, delta, end, read, whole } from './read-chunks.js';

describe('a finish reason', () => {
  it.each([
    ['stop', 'stop eos eos_token STOP end_turn COMPLETE stop_sequence FINISH FINISH_REASON_STOP endoftext'],
    ['length', 'length MAX_TOKENS max_tokens model_length token_limit max_output_tokens model_context_window_exceeded'],
    [
      'content-filter',
      'content_filter SAFETY RECITATION PROHIBITED_CONTENT SPII refusal guardrail_intervened sensitive',
    ],
    ['tool-calls', 'tool_calls TOOL_CALL tool_use function_call'],
    ['other', 'pause_turn LANGUAGE MALFORMED_FUNCTION_CALL something_new __proto__'],
  ])('is %s by the words of all vendors', (unified, words) => {
    for (const raw of words.split(' ')) expect(readFinish({ finish_reason: raw })).toEqual({ unified, raw });
  });

  it('may say more after a colon', () => {
    expect(readFinish({ finish_reason: 'content_filter: RECITATION' })?.unified).toBe('content-filter');
  });

  it('has not come yet where it is the word for nothing', () => {
    for (const word of ['null', 'FINISH_REASON_UNSPECIFIED', '', null])
      expect(readFinish({ finish_reason: word })).toBeUndefined();
  });

  it.each(['error', 'abort', 'CANCELLED', 'insufficient_system_resource'])(
    '"%s" says that the server gave the answer up',
    (word) => {
      expect([isGivenUp({ finish_reason: word }), readFinish({ finish_reason: word })]).toEqual([true, undefined]);
      expect(() => read([delta('One.'), end(word)])).toThrow(ApiError);
    },
  );
});

describe('a message within a stream', () => {
  it('that repeats the whole text adds nothing', () => {
    expect(read([delta('The sea '), delta('was calm.'), whole('The sea was calm.')]).text).toBe('The sea was calm.');
    expect(read([delta('The sea '), whole('The sea was calm.', { delta: {} })]).text).toBe('The sea was calm.');
  });

  it('in each chunk is read as it grows, or piece by piece', () => {
    expect(read([chunk({ message: { content: 'The sea' } }), whole('The sea was calm.')]).text).toBe(
      'The sea was calm.',
    );
    expect(read([chunk({ message: { content: 'The sea' } }), whole(' was calm.')]).text).toBe('The sea was calm.');
  });

  it('beside a delta brings what is in no delta', () => {
    const calls = [{ id: 'a', function: { name: 'f', arguments: '{"q":1}' } }];
    const last = chunk({ delta: { content: 'lo.' }, message: { content: 'Hello.', tool_calls: calls } });
    const { text, calls: made, warnings } = read([delta('Hel'), last, end('tool_calls')]);
    expect({ text, warnings }).toEqual({ text: 'Hello.', warnings: [] });
    expect(made).toMatchObject([{ id: 'a', arguments: '{"q":1}' }]);
  });

  it('beside a delta adds no text', () => {
    const same = (piece: string) => chunk({ delta: { content: piece }, message: { content: piece } });
    const { text, warnings } = read([same('The sea '), same('was calm.'), end('stop')]);
    expect({ text, warnings }).toEqual({ text: 'The sea was calm.', warnings: [] });
  });

  it('beside a delta that it repeats from the beginning adds no text', () => {
    const both = (piece: string, all: string) => chunk({ delta: { content: piece }, message: { content: all } });
    expect(read([both('The sea ', 'The sea '), both('was calm.', 'The sea was calm.'), end('stop')]).text).toBe(
      'The sea was calm.',
    );
  });

  it('in other words than the stream is kept, with a warning, and changes nothing', () => {
    const { text, warnings } = read([delta('The sea was calm.'), whole('The ocean was calm.')]);
    expect({ text, warnings }).toEqual({
      text: 'The sea was calm.',
      warnings: ['"vendor" repeated its answer in other words: the text of the stream stands.'],
    });
  });

  it('has its calls once', () => {
    const calls = [{ id: 'a', function: { name: 'f', arguments: '{"q":1}' } }];
    const { calls: read_ } = read([
      chunk({ delta: { tool_calls: calls } }),
      whole('', { message: { tool_calls: calls } }),
    ]);
    expect(read_).toMatchObject([{ id: 'a', arguments: '{"q":1}' }]);
  });
});

describe('a whole body', () => {
  it('is read by its message where it also has an empty delta', () => {
    expect(read([whole('One.', { delta: { role: 'assistant', content: '' } })], { isBody: true }).text).toBe('One.');
  });

  it('is whole without a finish reason, with a warning', () => {
    const { ending, text, warnings } = read([chunk({ message: { content: 'One.' } })], { isBody: true });
    expect({ finish: ending.finishReason, text, warnings }).toEqual({
      finish: { unified: 'other', raw: null },
      text: 'One.',
      warnings: ['The answer of "vendor" does not say why it ended.'],
    });
    expect(() => read([chunk({ message: { content: 'One.' } })])).toThrow('without a finish reason');
  });

  it('ends as a stream does where the terminator alone ends it', () => {
    const options = { isBody: true, endsByTerminator: true };
    expect(read([chunk({ message: { content: 'One.' } })], options).ending.finishReason.unified).toBe('stop');
  });
});

describe('content of other kinds', () => {
  it('may be a part instead of a list', () => {
    expect(read([delta({ type: 'text', text: 'One.' }), end('stop')]).text).toBe('One.');
    expect(read([delta({ parts: [{ text: 'One.' }, ' Two.'] }), end('stop')]).text).toBe('One. Two.');
  });

  it('is no empty answer, and stays as it came', () => {
    const sound = { id: 'audio-1', data: 'UklGRg==' };
    expect(read([chunk({ delta: { audio: sound } }), end('stop')]).metadata).toMatchObject({ audio: sound });
    const document = { type: 'document', url: 'https://example.test/a.pdf' };
    expect(read([delta([document]), end('stop')]).metadata).toMatchObject({ content_parts: [document] });
  });
});

describe('usage', () => {
  const counts = { prompt_tokens: 9, completion_tokens: 3 };

  it.each([
    ['OpenAI', { ...counts, prompt_tokens_details: { cached_tokens: 4 } }],
    ['DeepSeek', { ...counts, prompt_cache_hit_tokens: 4 }],
    ['Moonshot', { ...counts, cached_tokens: 4 }],
    ['gateways to Anthropic', { ...counts, cache_read_input_tokens: 4 }],
    ['the Responses API', { input_tokens: 9, output_tokens: 3, input_tokens_details: { cached_tokens: 4 } }],
  ])('has cached tokens under the name of %s', (_, usage) => {
    expect(readUsage(usage)).toMatchObject({
      inputTokens: 9,
      outputTokens: 3,
      cachedInputTokens: 4,
      source: 'reported',
    });
  });

  it.each([
    ['a number', { cost: 0.25 }],
    ['a text', { cost: '0.25' }],
    ['an object', { cost: { total_cost: 0.25 } }],
    ['an estimate of the vendor', { estimated_cost: 0.25 }],
    ['ticks', { cost_in_usd_ticks: 2_500_000_000 }],
  ])('has a cost that is %s', (_, cost) => {
    expect(readUsage({ ...counts, ...cost })?.costUsd).toBe(0.25);
  });

  it('of zero beside a text was not given', () => {
    const usage = { usage: { prompt_tokens: 0, completion_tokens: 0 } };
    expect(read([delta('One.'), chunk({ delta: {}, finish_reason: 'stop' }, usage)]).ending.usage.source).toBe(
      'unmeasured',
    );
  });
});

describe('an error within a good status', () => {
  it.each([
    [
      "MiniMax's",
      { choices: null, base_resp: { status_code: 1002, status_msg: 'rate limit' } },
      '{"code":429,"message":"rate limit"}',
    ],
    ['a list', { errors: [{ message: 'no capacity', code: 503 }] }, '{"message":"no capacity","code":503}'],
    ['a detail', { detail: 'Not authenticated' }, '{"detail":"Not authenticated","message":"Not authenticated"}'],
    ['the answer itself', { code: 500, message: 'oops' }, '{"code":500,"message":"oops"}'],
  ])('is %s', (_, body, error) => {
    expect(() => read([body], { isBody: true })).toThrow(new ApiError('server-error', error));
  });

  it('is none where the answer says that all is well', () => {
    const fine = { base_resp: { status_code: 0, status_msg: '' } };
    expect(read([{ ...whole('One.'), ...fine }], { isBody: true }).text).toBe('One.');
  });
});
