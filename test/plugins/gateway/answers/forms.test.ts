import { describe, expect, it } from '@jest/globals';
import { scriptServer } from '../../../support/script-server.js';
import { answers } from '../../../support/wire.js';
import { ask, chunksOf, textOfAnswer, textOfChunks } from './ask.js';
import { aGateway, closing } from './gateway-scene.js';

const REQUEST = { model: 'a/model', messages: [{ role: 'user', content: 'Begin.' }] };

describe('the forms of an answer', () => {
  it('answers with one JSON object', async () => {
    const vendor = closing(await scriptServer(answers('The sea ', 'is wide.')));
    const { port } = await aGateway(vendor.url);
    const { status, headers, body } = await ask(port, REQUEST);
    expect({ status, type: headers['content-type'], length: headers['content-length'] }).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
      length: String(Buffer.byteLength(body)),
    });
    expect(JSON.parse(body)).toMatchObject({
      id: 'gen-1',
      object: 'chat.completion',
      model: 'a/model',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'The sea is wide.' } }],
      usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12, cost: 0.0003 },
    });
  });

  it('streams one id, one role, one finish reason and the end', async () => {
    const vendor = closing(await scriptServer(answers('The sea ', 'is wide.')));
    const { port } = await aGateway(vendor.url);
    const { status, headers, body, isComplete } = await ask(port, { ...REQUEST, stream: true });
    expect({ status, isComplete, headers }).toMatchObject({
      status: 200,
      isComplete: true,
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        'x-accel-buffering': 'no',
        'x-generation-id': 'gen-1',
      },
    });
    const chunks = chunksOf(body);
    expect(new Set(chunks.map(({ id }) => id))).toEqual(new Set(['gen-1']));
    expect(chunks.map(({ choices: [choice] }) => choice!)).toMatchObject([
      { delta: { role: 'assistant', content: '' }, finish_reason: null },
      { delta: { content: 'The sea ' }, finish_reason: null },
      { delta: { content: 'is wide.' }, finish_reason: null },
      { delta: {}, finish_reason: 'stop' },
    ]);
    expect(body.endsWith('\n\ndata: [DONE]\n\n')).toBe(true);
  });

  it.each([
    ['/v1/chat/completions', {}, 0],
    ['/v1/chat/completions', { stream_options: { include_usage: true } }, 1],
    ['/chat/completions', {}, 0],
    ['/api/v1/chat/completions', {}, 1],
  ])('streams the usage at %s with %j: %d times', async (path, further, times) => {
    const vendor = closing(await scriptServer(answers('The sea.')));
    const { port } = await aGateway(vendor.url);
    const { body } = await ask(port, { ...REQUEST, ...further, stream: true }, { path });
    const chunks = chunksOf(body);
    expect({ text: textOfChunks(chunks), usages: chunks.flatMap(({ usage = [] }) => usage) }).toMatchObject({
      text: 'The sea.',
      usages: Array.from({ length: times }, () => ({ prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 })),
    });
  });

  it('passes the names of the application on, and makes its title a label', async () => {
    const vendor = closing(await scriptServer(answers('The sea.')));
    const { port, pipeline } = await aGateway(vendor.url);
    const labels: unknown[] = [];
    pipeline.generations$.subscribe(({ labels: seen }) => labels.push(seen));
    const answer = await ask(port, REQUEST, {
      path: '/with/book=ada%2C%20I,chapter=3/api/v1/chat/completions',
      headers: { 'X-Title': 'BookGen', 'HTTP-Referer': 'http://localhost' },
    });
    expect({ text: textOfAnswer(answer.body).content, label: labels[0] }).toMatchObject({
      text: 'The sea.',
      label: { app: 'BookGen' },
    });
    expect(vendor.requests[0]).toMatch(/\r\nhttp-referer: http:\/\/localhost\r\n/i);
    expect(vendor.requests[0]).toMatch(/\r\nx-title: BookGen\r\n/i);
  });

  it.each([
    ['book', '"book"'],
    ['book=', '"book="'],
    ['=ada', '"=ada"'],
    ['book=ada,', '""'],
    ['book=ada,book=eve', '"book=eve"'],
  ])('refuses the base URL /with/%s and names the label', async (labels, named) => {
    const vendor = closing(await scriptServer(answers('Never.')));
    const { port } = await aGateway(vendor.url);
    const { status, body } = await ask(port, REQUEST, { path: `/with/${labels}/v1/chat/completions` });
    const { error } = JSON.parse(body) as { error: { message: string } };
    expect({ status, error, requests: vendor.requests }).toMatchObject({
      status: 400,
      error: { message: expect.stringContaining(`the label ${named}`), type: 'invalid_request_error' },
      requests: [],
    });
  });

  it.each([
    ['{"messages": [', 400, 'not valid JSON'],
    ['[]', 400, 'must be a JSON object'],
    ['', 400, ''],
    ['{}', 400, 'messages'],
    [JSON.stringify({ ...REQUEST, n: 2 }), 400, 'n must be 1'],
    [JSON.stringify({ ...REQUEST, temperature: 'hot' }), 400, 'temperature'],
    [JSON.stringify({ ...REQUEST, temperature: 17 }), 400, 'temperature'],
  ])('refuses the body %s without asking the vendor', async (body, status, problem) => {
    const vendor = closing(await scriptServer(answers('Never.')));
    const { port } = await aGateway(vendor.url);
    const answer = await ask(port, body);
    expect({ status: answer.status, requests: vendor.requests }).toEqual({ status, requests: [] });
    expect((JSON.parse(answer.body) as { error: { message: string } }).error.message).toContain(problem);
  });

  it('reads no other type than JSON, which a foreign page cannot send unasked', async () => {
    const vendor = closing(await scriptServer(answers('Never.')));
    const { port } = await aGateway(vendor.url);
    const answer = await ask(port, REQUEST, { headers: { 'content-type': 'text/plain' } });
    expect({ status: answer.status, error: JSON.parse(answer.body) as unknown }).toMatchObject({
      status: 415,
      error: { error: { message: expect.stringContaining('content-type: application/json') } },
    });
    expect(vendor.requests).toEqual([]);
  });
});
