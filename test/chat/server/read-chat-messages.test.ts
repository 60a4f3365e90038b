import { describe, expect, it } from '@jest/globals';
import { GenerationError } from 'scriptorium';
import { readChatRequest } from 'scriptorium/provider';

function read(message: unknown): unknown {
  return readChatRequest({ messages: [message] }, 'mine').input.messages?.[0];
}

const CALL = { id: 'call-1', type: 'function', function: { name: 'look', arguments: '{}' } };

describe('reading a message', () => {
  it.each([
    ['system', { role: 'system', content: 'Be brief.' }, { role: 'system', content: 'Be brief.' }],
    ['developer', { role: 'developer', content: 'Be brief.' }, { role: 'system', content: 'Be brief.' }],
    ['user', { role: 'user', name: 'ada', content: 'Begin.' }, { role: 'user', content: 'Begin.' }],
    [
      'tool',
      { role: 'tool', tool_call_id: 'call-1', content: 'A ship.' },
      { role: 'tool', toolCallId: 'call-1', content: 'A ship.' },
    ],
    ['assistant', { role: 'assistant', content: 'Once' }, { role: 'assistant', content: 'Once' }],
  ])('reads one of the role %s', (_role, sent, message) => {
    expect(read(sent)).toEqual(message);
  });

  it('reads the tool calls and the reasoning of an assistant that has no text', () => {
    const sent = { role: 'assistant', content: null, tool_calls: [CALL], reasoning_details: [{ id: 1 }] };
    expect(read(sent)).toEqual({
      role: 'assistant',
      content: '',
      toolCalls: [{ id: 'call-1', name: 'look', arguments: '{}' }],
      reasoningDetails: [{ id: 1 }],
    });
  });

  it('reads null as left out', () => {
    const sent = { role: 'assistant', content: 'Once', tool_calls: null, reasoning_details: null };
    expect(read(sent)).toEqual({ role: 'assistant', content: 'Once' });
  });
});

describe('reading a part', () => {
  it.each([
    ['text', { type: 'text', text: 'Look.' }, { type: 'text', text: 'Look.' }],
    [
      'text with a mark for the cache',
      { type: 'text', text: 'Look.', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'Look.', cache: true },
    ],
    ['refusal', { type: 'refusal', refusal: 'No.' }, { type: 'text', text: 'No.' }],
    [
      'image',
      { type: 'image_url', image_url: { url: 'data:,x', detail: 'low' } },
      { type: 'image', url: 'data:,x', detail: 'low' },
    ],
    [
      'image with a detail that is not known',
      { type: 'image_url', image_url: { url: 'data:,x', detail: 'huge' } },
      { type: 'image', url: 'data:,x' },
    ],
    [
      'file',
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:,x' } },
      { type: 'file', url: 'data:,x', filename: 'a.pdf' },
    ],
    [
      'sound',
      { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
      { type: 'audio', data: 'AA==', format: 'wav' },
    ],
    [
      'part of a kind that only the vendor knows',
      { type: 'video_url', video_url: { url: 'https://a.example/b.mp4' } },
      { type: 'other', raw: { type: 'video_url', video_url: { url: 'https://a.example/b.mp4' } } },
    ],
  ])('reads a %s', (_name, part, expected) => {
    expect(read({ role: 'user', content: [part] })).toEqual({ role: 'user', content: [expected] });
  });
});

function partAt1(part: unknown): object {
  return { role: 'user', content: [{ type: 'text', text: 'Look.' }, part] };
}

describe('a message that cannot be read', () => {
  it.each([
    ['a role', { role: 'function', content: 'x' }, 'messages[1].role must be'],
    ['a message', 'Begin.', 'messages[1].role must be'],
    ['the content of a system message', { role: 'system' }, 'messages[1].content must be'],
    ['the content of a user', { role: 'user', content: null }, 'messages[1].content must be'],
    ['the content of an assistant', { role: 'assistant', content: 3 }, 'messages[1].content must be'],
    ['the id of a tool call', { role: 'tool', content: 'x', tool_call_id: '' }, 'messages[1].tool_call_id must be'],
    ['a list of tool calls', { role: 'assistant', tool_calls: CALL }, 'messages[1].tool_calls must be a list'],
    [
      'a tool call',
      { role: 'assistant', tool_calls: [CALL, { ...CALL, function: { name: 'look', arguments: {} } }] },
      'messages[1].tool_calls[1] must have',
    ],
    ['the type of a part', partAt1({ type: 7 }), 'messages[1].content[1].type must be'],
    ['a part', partAt1(null), 'messages[1].content[1].type must be'],
    ['a text', partAt1({ type: 'text' }), 'messages[1].content[1].text must be'],
    ['a refusal', partAt1({ type: 'refusal' }), 'messages[1].content[1].refusal must be'],
    ['an image', partAt1({ type: 'image_url', image_url: 'x' }), 'messages[1].content[1].image_url.url must be'],
    ['a file', partAt1({ type: 'file', file: { file_id: 'x' } }), 'messages[1].content[1].file.file_data must be'],
    ['a sound', partAt1({ type: 'input_audio' }), 'messages[1].content[1].input_audio must have'],
  ])('is refused with the place of %s', (_name, message, named) => {
    let error: unknown;
    try {
      readChatRequest({ messages: [{ role: 'user', content: 'Begin.' }, message] }, 'mine');
    } catch (thrown) {
      error = thrown;
    }
    expect(GenerationError.is(error) && error).toMatchObject({
      code: 'invalid-input',
      status: 400,
      message: expect.stringMatching(new RegExp(`^${named.replaceAll(/[[\].]/g, String.raw`\$&`)}`)),
    });
  });
});
