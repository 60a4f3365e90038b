import { describe, expect, it } from '@jest/globals';
import { GenerationError } from 'scriptorium';
import { readChatRequest } from 'scriptorium/provider';

const MESSAGES = [{ role: 'user', content: 'Begin.' }];

describe('reading a chat completion', () => {
  it('reads null as left out', () => {
    const body = { messages: MESSAGES, model: null, temperature: null, stop: null, tools: null, user: null, n: null };
    expect(readChatRequest(body, 'openrouter')).toEqual({
      input: { messages: MESSAGES },
      isStream: false,
      wantsUsage: false,
    });
  });

  it('takes blanks off the names of models, and refuses blank ones', () => {
    const { input } = readChatRequest({ messages: MESSAGES, model: ' a ', models: ['b\n', 'a'] }, 'openrouter');
    expect(input).toMatchObject({ model: 'a', overrides: { routes: [{ model: 'b' }] } });
    expect(() => readChatRequest({ messages: MESSAGES, model: ' ' }, 'openrouter')).toThrow(
      'must be the names of models',
    );
  });

  it('makes a list of models routes, each of them once', () => {
    const { input } = readChatRequest({ messages: MESSAGES, model: 'a', models: ['a', 'b', 'c', 'b'] }, 'openrouter');
    expect(input).toMatchObject({ model: 'a', overrides: { routes: [{ model: 'b' }, { model: 'c' }] } });
  });

  it('prefers max_completion_tokens to its older name', () => {
    const body = { messages: MESSAGES, max_tokens: 10, max_completion_tokens: 20 };
    expect(readChatRequest(body, 'openrouter').input.maxTokens).toBe(20);
  });

  it('leaves tools that a vendor runs itself to the vendor, whole and in order', () => {
    const tools = [{ type: 'function', function: { name: 'look' } }, { type: 'openrouter:web_search' }];
    const body = { messages: MESSAGES, tools, tool_choice: 'auto' };
    expect(readChatRequest(body, 'mine').input).toEqual({
      messages: MESSAGES,
      providerOptions: { mine: { tools, tool_choice: 'auto' } },
    });
  });

  it.each([
    [{ messages: [] }, 'messages'],
    [{ messages: [null] }, 'messages[0].role'],
    [{ messages: [{ role: 'user' }] }, 'messages[0].content'],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
    [{ messages: MESSAGES, n: 2 }, 'n must be 1'],
    [{ messages: MESSAGES, max_tokens: '10' }, 'max_tokens must be a number'],
    [{ messages: MESSAGES, models: [1] }, 'models must be the names'],
    [{ messages: MESSAGES, reasoning: { effort: 'huge' } }, 'reasoning.effort'],
    [[], 'JSON object'],
  ])('refuses %j and names the field', (body, named) => {
    let error: unknown;
    try {
      readChatRequest(body, 'openrouter');
    } catch (thrown) {
      error = thrown;
    }
    expect(GenerationError.is(error) && error).toMatchObject({
      code: 'invalid-input',
      status: 400,
      message: expect.stringContaining(named),
    });
  });
});
