import { describe, expect, it } from '@jest/globals';
import { textOfAnswer, ask } from './ask.js';
import { aGateway, anEmulator } from './gateway-scene.js';

const MODEL = 'deepseek/deepseek-v4-flash';

describe('requests', () => {
  it('reach the vendor with every field that the pipeline does not own', async () => {
    const emulator = await anEmulator({ words: 10 });
    const { port } = await aGateway(emulator.url);
    const further = {
      provider: { order: ['deepinfra/turbo'], allow_fallbacks: false },
      plugins: [{ id: 'web', max_results: 2 }],
      logit_bias: { '50256': -100 },
      user: 'reader-7',
      metadata: { book: 'ada' },
      verbosity: 'low',
      parallel_tool_calls: false,
      a_field_of_next_year: { deeply: [{ nested: null }] },
    };
    const messages = [
      { role: 'system', content: 'You are a poet.' },
      { role: 'user', content: [{ type: 'text', text: 'Write.' }] },
    ];
    const answer = await ask(port, { model: MODEL, messages, temperature: 0.3, stop: ['END'], seed: 7, ...further });
    expect(answer.status).toBe(200);
    expect(emulator.requests[0]?.body).toMatchObject({ temperature: 0.3, stop: ['END'], seed: 7, ...further });
  });

  it('reach the vendor with parts of messages that only the vendor knows', async () => {
    const emulator = await anEmulator({ words: 10 });
    const { port } = await aGateway(emulator.url);
    const video = { type: 'video_url', video_url: { url: 'https://a.example/b.mp4', fps: 2 } };
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'Describe it.' }, video] }];
    const answer = await ask(port, { model: MODEL, messages });
    expect({ status: answer.status, body: emulator.requests[0]?.body }).toMatchObject({
      status: 200,
      body: { messages },
    });
  });

  it('with half a surrogate pair in a prompt are answered', async () => {
    const emulator = await anEmulator({ words: 10 });
    const { port } = await aGateway(emulator.url);
    const body = `{"model":"${MODEL}","messages":[{"role":"user","content":"Half: \\ud83d"}]}`;
    const answer = await ask(port, body);
    expect(answer.status).toBe(200);
    expect(textOfAnswer(answer.body)).toEqual({ content: emulator.requests[0]?.text, finish_reason: 'stop' });
  });

  it('with 10,000 messages are answered', async () => {
    const emulator = await anEmulator({ words: 10 });
    const { port } = await aGateway(emulator.url);
    const messages = Array.from({ length: 10_001 }, (_, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: `Line ${index}.`,
    }));
    const answer = await ask(port, { model: MODEL, messages });
    expect({ status: answer.status, body: emulator.requests[0]?.body }).toMatchObject({
      status: 200,
      body: { messages },
    });
  });

  it('of more than ten megabytes are refused with 413', async () => {
    const emulator = await anEmulator();
    const { port } = await aGateway(emulator.url);
    const answer = await ask(port, {
      model: MODEL,
      messages: [{ role: 'user', content: 'x'.repeat(10 * 1024 * 1024) }],
    });
    expect({
      status: answer.status,
      error: JSON.parse(answer.body) as unknown,
      requests: emulator.requests,
    }).toMatchObject({
      status: 413,
      error: { error: { type: 'invalid_request_error', message: expect.stringContaining('10485760 bytes') } },
      requests: [],
    });
  });

  it('of nine megabytes are answered', async () => {
    const emulator = await anEmulator({ words: 10 });
    const { port } = await aGateway(emulator.url);
    const answer = await ask(port, { model: 'a/model', messages: [{ role: 'user', content: 'x '.repeat(4_500_000) }] });
    expect(answer.status).not.toBe(413);
    expect(emulator.requests).not.toEqual([]);
  });
});
