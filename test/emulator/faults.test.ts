import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Emulator, Fault } from '../../src/emulator/emulator.js';
import { tokensOf } from '../../src/emulator/tokens.js';
import { eventually } from '../support/eventually.js';
import { anEmulator, closeAll, complete, post, stream, user } from './client.js';

const messages = [user('Write a chapter about the sea.')];
const afterDeltas = { afterDeltas: 3 };
let emulator: Emulator;
let start: string;
beforeAll(async () => {
  emulator = await anEmulator();
  start = tokensOf(emulator.textFor({ messages })).slice(0, 3).join('');
});
beforeEach(() => emulator.clear());
afterAll(closeAll);

const scripted = (fault: Fault) => {
  emulator.script(fault);
  return stream(emulator, { messages });
};
/** The body of a JSON answer as far as it came. */
const scriptedJson = async (fault: Fault) => {
  emulator.script(fault);
  const response = await post(emulator, { messages });
  let raw = '';
  try {
    for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>)
      raw += new TextDecoder().decode(bytes);
    return { raw, response, failure: undefined };
  } catch (failure) {
    return { raw, response, failure };
  }
};

describe('a fault in place of an answer', () => {
  it('is a status with an envelope, a body, headers', async () => {
    emulator.script(
      { status: 503 },
      { status: 429, headers: { 'Retry-After': '2' }, body: { error: { code: 429, message: 'Slow down' } } },
      { status: 502, body: '<html>Bad gateway</html>' },
    );
    const [plain, limited, page] = [
      await post(emulator, { messages }),
      await post(emulator, { messages, stream: true }),
      await post(emulator, { messages }),
    ];
    expect([plain.status, await plain.json()]).toEqual([503, { error: { code: 503, message: 'Service Unavailable' } }]);
    expect([limited.status, limited.headers.get('retry-after'), await limited.json()]).toEqual([
      429,
      '2',
      { error: { code: 429, message: 'Slow down' } },
    ]);
    expect([page.status, page.headers.get('content-type'), await page.text()]).toEqual([
      502,
      'text/html; charset=utf-8',
      '<html>Bad gateway</html>',
    ]);
    expect(emulator.requests.map(({ outcome, status, cost }) => [outcome, status, cost])).toEqual([
      ['faulted', 503, 0],
      ['faulted', 429, 0],
      ['faulted', 502, 0],
    ]);
    expect((await complete(emulator, { messages })).usage).toBeDefined();
  });

  it('is a page or an error with status 200', async () => {
    emulator.script({ html: true }, { status: 200, body: { error: { code: 429, message: 'upstream' } } });
    const page = await post(emulator, { messages, stream: true });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).toContain('<title>Welcome</title>');
    expect(await complete(emulator, { messages })).toEqual({ error: { code: 429, message: 'upstream' } });
  });

  it('is an empty stop with no usage to speak of', async () => {
    const { text, chunks, isDone } = await scripted({ empty: true });
    expect([text, isDone, chunks.at(-1)?.choices?.[0]?.finish_reason]).toEqual(['', true, 'stop']);
    expect(chunks.at(-1)?.usage).toMatchObject({ total_tokens: 0, cost: 0 });
    expect(JSON.parse((await scriptedJson({ empty: true })).raw)).toMatchObject({
      choices: [{ message: { content: '' }, finish_reason: 'stop' }],
      usage: { total_tokens: 0 },
    });
    expect(emulator.requests.map(({ outcome }) => outcome)).toEqual(['faulted', 'faulted']);
  });
});

describe('a fault on the way', () => {
  it.each<Fault>([{ reset: 'before-headers' }, { fin: 'before-headers' }])(
    'ends the connection without a word: %j',
    async (fault) => {
      for (const wire of [{ stream: true }, {}]) {
        emulator.script(fault);
        await expect(post(emulator, { messages, ...wire })).rejects.toThrow('fetch failed');
      }
      expect(emulator.requests[0]).toMatchObject({ outcome: 'faulted', status: undefined, text: '', usage: undefined });
    },
  );

  it.each<Fault>([{ reset: afterDeltas }, { fin: afterDeltas }])(
    'breaks the answer off after some deltas: %j',
    async (fault) => {
      const { text, isDone, failure } = await scripted(fault);
      expect([text, isDone]).toEqual([start, false]);
      expect(failure).toBeDefined();
      expect(emulator.requests[0]).toMatchObject({
        outcome: 'faulted',
        text: start,
        finishReason: undefined,
        usage: { completion_tokens: 3 },
        usageSent: false,
      });
      const json = await scriptedJson(fault);
      expect(json.raw.endsWith(`"content":"${start}`)).toBe(true);
      expect(json.failure).toBeDefined();
      expect(emulator.requests[1]).toMatchObject({ outcome: 'faulted', text: start, usageSent: false });
    },
  );

  it('breaks it off after the head, or between the end of the text and the usage', async () => {
    expect(await scripted({ reset: 'after-headers' })).toMatchObject({ raw: '', failure: expect.anything() as object });
    const { text, chunks, failure } = await scripted({ fin: 'after-finish' });
    expect([text, chunks.at(-1)?.choices?.[0]?.finish_reason, chunks.at(-1)?.usage]).toEqual([
      emulator.textFor({ messages }),
      'stop',
      undefined,
    ]);
    expect(failure).toBeDefined();
    expect((await scriptedJson({ reset: 'after-finish' })).raw).toMatch(/"usage":\{.*\}$/);
  });

  it('ends the answer too early, but cleanly', async () => {
    for (const done of [false, true]) {
      const { text, isDone, failure, chunks } = await scripted({ truncate: afterDeltas, done });
      expect([text, isDone, failure, chunks.length]).toEqual([start, done, undefined, 3]);
    }
    const json = await scriptedJson({ truncate: afterDeltas });
    expect(json.failure).toBeUndefined();
    expect(() => void JSON.parse(json.raw)).toThrow('Unterminated string');
    expect(await scripted({ truncate: 'after-headers' })).toMatchObject({ raw: '', failure: undefined });
    expect(emulator.requests.map(({ outcome }) => outcome)).toEqual(['faulted', 'faulted', 'faulted', 'faulted']);
  });

  it('ends it before the usage', async () => {
    const { text, chunks, isDone, failure } = await scripted({ truncate: 'after-finish' });
    expect({ text, isDone, failure, usage: chunks.at(-1)?.usage }).toEqual({
      text: emulator.textFor({ messages }),
      isDone: false,
      failure: undefined,
      usage: undefined,
    });
    expect(chunks.at(-1)?.choices?.[0]?.finish_reason).toBe('stop');
  });

  it('never ends the body of a refusal', async () => {
    emulator.script({ status: 500, body: 'so ', isEndless: true });
    const leave = new AbortController();
    const response = await post(emulator, { messages }, { signal: leave.signal });
    const reader = response.body!.getReader();
    const first = (await reader.read()) as { value?: Uint8Array };
    expect({ status: response.status, body: new TextDecoder().decode(first.value) }).toEqual({
      status: 500,
      body: 'so ',
    });
    leave.abort();
    await eventually(() => emulator.requests[0]?.closedAt !== undefined);
  });

  it('sends garbage', async () => {
    const { text, raw, isDone } = await scripted({ garbage: afterDeltas });
    expect(raw.match(/^data: \{"id"[^\n]*[^}\n]$/gm)).toHaveLength(1);
    expect([text, isDone]).toEqual([emulator.textFor({ messages }), true]);
    expect((await scripted({ garbage: afterDeltas, data: 'no json' })).raw).toContain('\n\ndata: no json\n\n');
    const json = await scriptedJson({ garbage: afterDeltas });
    expect(json.failure).toBeUndefined();
    expect(() => void JSON.parse(json.raw)).toThrow();
    expect(emulator.requests[0]).toMatchObject({ outcome: 'faulted', finishReason: 'stop' });
  });

  it('ends it with an error', async () => {
    const error = { code: 429, message: 'Rate limit exceeded', metadata: { error_type: 'rate_limit_exceeded' } };
    const top = await scripted({ errorChunk: afterDeltas, error, withUsage: true });
    expect([top.text, top.isDone, top.failure]).toEqual([start, false, undefined]);
    expect(top.chunks.at(-1)).toMatchObject({
      error,
      choices: [{ finish_reason: 'error' }],
      usage: { completion_tokens: 3 },
    });
    const inner = await scripted({ errorChunk: { afterDeltas: 0 }, errorIn: 'choice', done: true });
    expect(inner.chunks).toMatchObject([{ choices: [{ error: { code: 502 }, finish_reason: 'error' }] }]);
    expect(inner.chunks[0]?.error).toBeUndefined();
    expect([inner.text, inner.isDone]).toEqual(['', true]);
    expect(JSON.parse((await scriptedJson({ errorChunk: afterDeltas, error })).raw)).toEqual({ error });
    expect(JSON.parse((await scriptedJson({ errorChunk: afterDeltas, errorIn: 'choice' })).raw)).toMatchObject({
      choices: [{ error: { code: 502 }, finish_reason: 'error', message: { content: start } }],
    });
    expect(emulator.requests.map(({ usageSent }) => usageSent)).toEqual([true, false, false, false]);
  });

  it.each<Fault>([
    { stall: 'before-headers' },
    { stall: 'after-headers' },
    { stall: afterDeltas },
    { stall: 'after-finish' },
  ])('falls silent until the client leaves: %j', async (fault) => {
    for (const wire of [{ stream: true }, {}]) {
      emulator.clear();
      emulator.script(fault);
      const leave = new AbortController();
      const answer = post(emulator, { messages, ...wire }, { signal: leave.signal });
      if (fault.stall !== 'before-headers') await answer;
      else await eventually(() => emulator.requests[0]?.model !== undefined);
      if (typeof fault.stall === 'object') await eventually(() => emulator.requests[0]?.text === start);
      leave.abort();
      await answer.then((response) => response.text()).catch(() => undefined);
      await eventually(() => emulator.requests[0]?.closedAt !== undefined);
      expect(emulator.requests[0]).toMatchObject({ outcome: 'cancelled', usageSent: false });
    }
  });

  it('keeps a stream open after its terminator', async () => {
    emulator.script({ stall: 'after-done' });
    const leave = new AbortController();
    const response = await post(emulator, { messages, stream: true }, { signal: leave.signal });
    const reader = response.body!.getReader();
    let raw = '';
    while (!raw.endsWith('[DONE]\n\n'))
      raw += new TextDecoder().decode(((await reader.read()) as { value?: Uint8Array }).value);
    expect(emulator.requests[0]).toMatchObject({ closedAt: undefined, usageSent: true });
    leave.abort();
    await eventually(() => emulator.requests[0]?.closedAt !== undefined);
    expect(emulator.requests[0]?.outcome).toBe('cancelled');
  });

  it('falls silent but for comments, if so told', async () => {
    const chatty = await anEmulator({ keepAliveMs: 5 });
    for (const keepAlive of [true, false]) {
      chatty.script({ stall: afterDeltas, keepAlive });
      const leave = new AbortController();
      const response = await post(chatty, { messages, stream: true }, { signal: leave.signal });
      const reader = response.body!.getReader();
      let raw = '';
      while (raw.split('PROCESSING').length < (keepAlive ? 5 : 2) || raw.split('data: ').length < 4) {
        raw += new TextDecoder().decode(((await reader.read()) as { value?: Uint8Array }).value);
      }
      const next = reader.read().then(
        () => 'comment',
        () => 'silence',
      );
      if (!keepAlive) setTimeout(() => leave.abort(), 25);
      expect(await next).toBe(keepAlive ? 'comment' : 'silence');
      leave.abort();
    }
  });
});

describe('an extra', () => {
  it('hides the usage and leaves the rest', async () => {
    const { text, chunks, isDone } = await scripted({ noUsage: true, headers: { 'x-extra': '1' } });
    expect([text, isDone, chunks.filter(({ usage }) => usage).length]).toEqual([
      emulator.textFor({ messages }),
      true,
      0,
    ]);
    expect((JSON.parse((await scriptedJson({ noUsage: true })).raw) as { usage?: object }).usage).toBeUndefined();
    expect(emulator.requests).toMatchObject([
      { outcome: 'completed', usageSent: false },
      { outcome: 'completed', usageSent: false },
    ]);
    expect(emulator.requests[0]!.usage?.completion_tokens).toBeGreaterThan(0);
  });

  it('puts something into a stream in its place, and leaves a JSON answer as it is', async () => {
    const text = 'data: {"choices":[]}\n\n';
    for (const [at, before, after] of [
      ['after-headers', '', ': OPENROUTER'],
      [{ afterDeltas: 0 }, 'PROCESSING', 'data: {"id"'],
      [{ afterDeltas: 1_000_000 }, '}]}', 'data: {"id"'],
      ['after-finish', '"end_turn"}]}', 'data: {"id"'],
      ['after-done', 'data: [DONE]', ''],
    ] as const) {
      const { raw } = await scripted({ insert: { at, text } });
      expect(raw).toContain(`${before}${before && '\n\n'}${text}${after}`);
      expect(raw.replace(text, '')).toContain('data: [DONE]\n\n');
    }
    expect((await scriptedJson({ insert: { at: { afterDeltas: 1 }, text } })).raw).not.toContain(text);
    expect(emulator.requests.map(({ outcome }) => outcome)).toEqual(Array(6).fill('completed'));
  });

  it('puts it before a misdeed in the same place, and before or after one in another', async () => {
    const text = ': inserted\n\n';
    const garbage = { garbage: afterDeltas, data: 'garbage' };
    for (const [place, order] of [
      [0, /inserted[^]*data: garbage/],
      [3, /inserted\n\ndata: garbage/],
      [4, /data: garbage[^]*inserted/],
    ] as const) {
      const { raw } = await scripted({ ...garbage, insert: { at: { afterDeltas: place }, text } });
      expect(raw).toMatch(order);
    }
  });

  it('ends with another finish reason, and a stream without its terminator', async () => {
    const { chunks, isDone } = await scripted({ finishReason: 'content_filter', noDone: true });
    expect({ isDone, reason: chunks.at(-1)?.choices?.[0]?.finish_reason }).toEqual({
      isDone: false,
      reason: 'content_filter',
    });
    expect(JSON.parse((await scriptedJson({ finishReason: 'content_filter' })).raw)).toMatchObject({
      choices: [{ finish_reason: 'content_filter' }],
    });
    expect(emulator.requests[0]).toMatchObject({ outcome: 'completed', finishReason: 'content_filter' });
  });

  it('falls silent in the middle of a stream, and goes on', async () => {
    const startedAt = performance.now();
    const { text, isDone } = await scripted({ lull: { afterDeltas: 3, ms: 30 } });
    expect(performance.now() - startedAt).toBeGreaterThan(28);
    expect({ text, isDone }).toEqual({ text: emulator.textFor({ messages }), isDone: true });
  });

  it('answers a request for a stream with a whole body', async () => {
    emulator.script({ noStream: true });
    const response = await post(emulator, { messages, stream: true });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({
      choices: [{ message: { content: emulator.textFor({ messages }) }, finish_reason: 'stop' }],
    });
  });

  it('delays the answer and adds headers to it', async () => {
    const startedAt = performance.now();
    const { response } = await scriptedJson({ delayMs: 30, headers: { 'X-Generation-Id': 'gen-mine' } });
    expect(performance.now() - startedAt).toBeGreaterThan(28);
    expect(response.headers.get('x-generation-id')).toBe('gen-mine');
  });
});

describe('the choice of a fault', () => {
  it('follows the script in order, then the option', async () => {
    const chosen: [number, string | undefined][] = [];
    const emulator = await anEmulator({
      fault: (request, index) => {
        chosen.push([index, request.model]);
        return index === 3 ? { status: 418 } : undefined;
      },
    });
    emulator.script({ status: 500 }, undefined);
    const statuses = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await post(emulator, { messages })).status);
    expect(statuses).toEqual([500, 200, 200, 418]);
    expect(chosen).toEqual([
      [2, 'scriptorium/moby-dick'],
      [3, 'scriptorium/moby-dick'],
    ]);
    emulator.script({ status: 500 });
    emulator.clear();
    expect((await post(emulator, { messages })).status).toBe(200);
  });

  it('allows one misdeed at a time', () => {
    // @ts-expect-error: a reset cannot also be an error chunk.
    const both: Fault = { reset: 'before-headers', errorChunk: afterDeltas };
    // @ts-expect-error: `done` belongs to others.
    const foreign: Fault = { stall: 'after-headers', done: true };
    expect([both, foreign]).toHaveLength(2);
  });
});
