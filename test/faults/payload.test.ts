import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { GenerationError, RetryExhaustedError } from 'scriptorium';
import type { ConfigInput } from 'scriptorium';
import { CountingClock } from '../support/counting-clock.js';
import { eventually } from '../support/eventually.js';
import { aScene, failure, interruption, resumption, success } from '../support/scene.js';
import type { Step } from '../support/script-server.js';
import {
  answers,
  chunk,
  chunked,
  data,
  delta,
  DONE,
  finish,
  goodStream,
  head,
  LAST_CHUNK,
  SSE_HEAD,
  USAGE,
} from '../support/wire.js';

const GOOD = answers('Once upon a time.');
const stream = (body: string): readonly Step[] => [{ request: true }, { write: chunked(body) }];
const closing = (body: string): readonly Step[] => [
  { request: true },
  { write: head('200 OK', ['content-type: text/event-stream']) + body },
  { fin: true },
];
const ONCE: ConfigInput = { retry: { maxAttempts: 1 } };
const NOT_JSON = 'data: {"choices":[{"delta":{"content":"the secret ending\n\n';
const errorChunk = (code: number | string, more: object = {}): string =>
  data({
    id: 'gen-1',
    error: { code, message: 'Provider returned error' },
    choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
    ...more,
  });

interface Fault {
  readonly row: string;
  readonly fault: string;
  readonly body: string;
  readonly code: string;
}

const FAULTS: readonly Fault[] = [
  { row: '73', fault: 'an event that is no JSON', body: NOT_JSON + goodStream('more'), code: 'malformed-answer' },
  { row: '74', fault: 'an event that is a number', body: data(42) + goodStream('more'), code: 'malformed-answer' },
  { row: '74', fault: 'an event that is null', body: data(null) + goodStream('more'), code: 'malformed-answer' },
  {
    row: '74',
    fault: 'an event that is a list',
    body: data([{ choices: [] }]) + goodStream('more'),
    code: 'malformed-answer',
  },
  {
    row: '74',
    fault: 'choices that are no list',
    body: data({ choices: { 0: { delta: { content: 'x' } } } }) + goodStream('more'),
    code: 'malformed-answer',
  },
  {
    row: '74',
    fault: 'a choice that is no object',
    body: data({ choices: ['x'] }) + goodStream('more'),
    code: 'malformed-answer',
  },
  {
    row: '74',
    fault: 'content that is no text',
    body: data({ choices: [{ delta: { content: 42 } }] }) + goodStream('more'),
    code: 'malformed-answer',
  },
  {
    row: '75',
    fault: 'an error after the 200',
    body: data({ error: { code: 502, message: 'upstream' }, user_id: 'user_1' }),
    code: 'server-error',
  },
  {
    row: '75',
    fault: 'an error whose code is a word',
    body: data({ error: { code: 'server_error', message: 'upstream' }, choices: [] }),
    code: 'server-error',
  },
  {
    row: '75',
    fault: 'an error that is known by its type alone',
    body: data({ error: { message: 'busy', error_type: 'provider_overloaded' } }),
    code: 'overloaded',
  },
  {
    row: '75',
    fault: 'a rate limit after the 200',
    body: data({ error: { code: 429, message: 'slow down' } }),
    code: 'rate-limit',
  },
  {
    row: '77',
    fault: 'an error together with finish_reason "error"',
    body: errorChunk(503) + DONE,
    code: 'overloaded',
  },
  { row: '77', fault: 'finish_reason "error" alone', body: finish('error') + DONE, code: 'server-error' },
  {
    row: '77',
    fault: 'an error inside the choice',
    body: data({ choices: [{ error: { code: 502, message: 'broke' }, finish_reason: 'error' }] }),
    code: 'server-error',
  },
  { row: '84', fault: '[DONE] without a finish reason', body: DONE, code: 'empty-answer' },
  { row: '79', fault: 'a clean stop without a word', body: finish() + DONE, code: 'empty-answer' },
  {
    row: '79',
    fault: 'a clean stop with empty texts only',
    body: delta('') + delta('') + finish() + DONE,
    code: 'empty-answer',
  },
  {
    row: '79',
    fault: 'a clean stop after nothing but reasoning',
    body: data({ choices: [{ delta: { reasoning: 'Hm.' } }] }) + finish() + DONE,
    code: 'empty-answer',
  },
];
/** Those that may also come after some text; there, an answer without a finish reason is cut short rather than empty. */
const ALSO_LATER = FAULTS.filter(({ row }) => row !== '79').map((fault) =>
  fault.row === '84' ? { ...fault, code: 'truncated' } : fault,
);

describe('before any text', () => {
  it.each(FAULTS)('$row: $fault is tried again', async ({ body, code }) => {
    const { server, pipeline } = await aScene([stream(body), GOOD]);
    const { text, tries } = await success(pipeline);
    expect({ text, tries, requests: server.requests.length }).toEqual({
      text: 'Once upon a time.',
      tries: [code, 'ok'],
      requests: 2,
    });
  });

  it('73: what is no JSON twice is not tried a third time', async () => {
    const { server, pipeline } = await aScene([stream(NOT_JSON)]);
    const { error } = await failure(pipeline);
    expect({ code: error.code, requests: server.requests.length }).toEqual({ code: 'malformed-answer', requests: 2 });
  });

  it('75: a final error after the 200 is not tried again', async () => {
    const { server, pipeline } = await aScene([stream(data({ error: { code: 400, message: 'bad prompt' } })), GOOD]);
    const { error, tries } = await failure(pipeline);
    expect({ code: error.code, status: error.status, tries, requests: server.requests.length }).toEqual({
      code: 'bad-request',
      status: 400,
      tries: ['bad-request'],
      requests: 1,
    });
  });

  it('79: an empty answer every time is never an empty success', async () => {
    const { server, pipeline } = await aScene([stream(finish() + DONE)], { config: { retry: { maxAttempts: 3 } } });
    const { error, cause } = await failure(pipeline);
    expect(error).toBeInstanceOf(RetryExhaustedError);
    expect({ cause: cause?.code, requests: server.requests.length }).toEqual({ cause: 'empty-answer', requests: 3 });
  });
});

describe('after some text', () => {
  it.each(ALSO_LATER)(
    '$row: $fault is an interruption with the text so far, and no second request, where it may not be resumed',
    async ({ body, code }) => {
      const { server, pipeline } = await aScene([stream(delta('Once ') + delta('upon ') + body), GOOD]);
      const { error, cause, text, tries } = await interruption(pipeline);
      expect({ cause: cause?.code, text, partial: error.partial?.text }).toEqual({
        cause: code,
        text: 'Once upon ',
        partial: 'Once upon ',
      });
      expect({ tries, requests: server.requests.length }).toEqual({ tries: [code], requests: 1 });
    },
  );

  it.each(ALSO_LATER)('$row: $fault is resumed, and the text is whole', async ({ body, code }) => {
    await resumption({ script: stream(delta('Once ') + delta('upon ') + body), before: 'Once upon ', code });
  });

  it('73: the text that could not be read is in no part of the error', async () => {
    const { pipeline } = await aScene([stream(delta('Once ') + NOT_JSON)]);
    const { error } = await interruption(pipeline);
    expect(inspect(error, { depth: 10 }) + JSON.stringify(error)).not.toContain('secret ending');
  });

  it('77: usage in the chunk of the error is counted', async () => {
    const { pipeline } = await aScene([stream(delta('Once ') + errorChunk(502, { usage: USAGE }) + DONE)]);
    const { error } = await interruption(pipeline);
    expect(error.partial).toMatchObject({
      text: 'Once ',
      usage: { inputTokens: 7, outputTokens: 5, costUsd: 0.0003, source: 'reported' },
    });
  });

  it('77: text in the chunk of the error is delivered', async () => {
    const { pipeline } = await aScene([
      stream(
        delta('Once ') +
          data({
            error: { code: 502, message: 'broke' },
            choices: [{ delta: { content: 'upon' }, finish_reason: 'error' }],
          }),
      ),
    ]);
    expect((await interruption(pipeline)).error.partial?.text).toBe('Once upon');
  });

  it('77: text in the chunk of the error is resumed from', async () => {
    const script = stream(
      delta('Once ') +
        data({
          error: { code: 502, message: 'broke' },
          choices: [{ delta: { content: 'upon' }, finish_reason: 'error' }],
        }),
    );
    await resumption({ script, before: 'Once upon', code: 'server-error' });
  });
});

describe('chunks without text', () => {
  it.each([
    ['74', 'a null delta', data({ choices: [{ index: 0, delta: null, finish_reason: null }] })],
    ['74', 'null content', data({ choices: [{ index: 0, delta: { content: null } }] })],
    ['74', 'a ping', data({ type: 'ping' })],
    ['74', 'null choices', data({ choices: null })],
    ['74', 'a debug chunk', data({ choices: [], debug: { echo_upstream_body: {} } })],
    ['87', 'null usage', data({ choices: [], usage: null })],
    ['87', 'usage and no choices', data({ usage: { prompt_tokens: 1, completion_tokens: 1 } })],
  ])('%s: %s changes nothing of the answer', async (_, __, extra) => {
    const { pipeline } = await aScene([stream(delta('Once ') + extra + goodStream('upon'))], { config: ONCE });
    const { text, end } = await success(pipeline);
    expect({ text, usage: end.usage }).toMatchObject({
      text: 'Once upon',
      usage: { inputTokens: 7, outputTokens: 5, source: 'reported' },
    });
  });
});

describe('the end of a stream', () => {
  it('80: a second [DONE] is passed over', async () => {
    const { pipeline } = await aScene([stream(goodStream('One.') + DONE + DONE)], { config: ONCE });
    const { text, events } = await success(pipeline);
    expect(text).toBe('One.');
    expect(events.filter(({ type }) => type === 'generation-end')).toHaveLength(1);
  });

  it('81: data after [DONE] is passed over', async () => {
    const { pipeline } = await aScene([stream(goodStream('One.') + delta(' And more.') + errorChunk(500))], {
      config: ONCE,
    });
    expect((await success(pipeline)).text).toBe('One.');
  });

  it('81: data that comes later than [DONE] closes the connection', async () => {
    const { server, pipeline } = await aScene(
      [
        [
          { request: true },
          { write: SSE_HEAD + chunk(goodStream('One.')) },
          { wait: 20 },
          { write: chunk(delta(' More.')) },
          { stall: true },
        ],
      ],
      { config: ONCE },
    );
    expect((await success(pipeline)).text).toBe('One.');
    await eventually(() => server.closes.length === 1);
  });

  it('82: [DONE] completes the answer at once, though the server keeps the response open', async () => {
    const { server, pipeline } = await aScene(
      [[{ request: true }, { write: SSE_HEAD + chunk(goodStream('One.')) }, { stall: true }]],
      { config: ONCE, clock: CountingClock.still() },
    );
    expect((await success(pipeline)).text).toBe('One.');
    expect(server.openSockets()).toBe(1);
  });

  it('83: a finish reason and the end of the body are an answer without [DONE]', async () => {
    const { pipeline } = await aScene([closing(delta('One.') + finish())], { config: ONCE });
    const { text, end } = await success(pipeline);
    expect({ text, usage: end.usage.source }).toEqual({ text: 'One.', usage: 'reported' });
  });

  it('85: an end right after the finish reason, before the usage, is an answer with estimated usage', async () => {
    const { pipeline } = await aScene([closing(delta('Once upon a time.') + finish('stop', null))], { config: ONCE });
    const { text, end } = await success(pipeline);
    expect({ text, usage: end.usage }).toEqual({
      text: 'Once upon a time.',
      usage: { inputTokens: 2, outputTokens: 5, source: 'estimated' },
    });
  });

  it.each([
    ['a reset', [{ wait: 15 }, { rst: true }] as const],
    ['a close', [{ wait: 15 }, { fin: true }] as const],
  ])('86: %s after the finish reason is an answer with a warning', async (_, ending) => {
    const { pipeline } = await aScene(
      [[{ request: true }, { write: SSE_HEAD + chunk(delta('One.') + finish()) }, ...ending]],
      { config: ONCE },
    );
    const { text, events, tries } = await success(pipeline);
    expect({ text, tries }).toEqual({ text: 'One.', tries: ['ok'] });
    expect(events.at(-2)).toMatchObject({ type: 'warning' });
  });

  it.each([
    ['missing', null, 'estimated'],
    ['an empty object', {}, 'estimated'],
    ['a text', 'none', 'estimated'],
    ['a list', [], 'estimated'],
  ])('87: usage that is %s is estimated', async (_, usage, source) => {
    const { pipeline } = await aScene([stream(delta('One.') + finish('stop', usage) + DONE)], { config: ONCE });
    expect((await success(pipeline)).end.usage.source).toBe(source);
  });

  it.each([
    [
      'in a chunk with an empty delta',
      data({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }], usage: USAGE }),
    ],
    ['in a chunk with empty choices', data({ choices: [], usage: USAGE })],
    ['in a chunk that repeats the finish reason', finish('stop', USAGE)],
  ])('87: usage is found %s', async (_, usageChunk) => {
    const { pipeline } = await aScene([stream(delta('One.') + finish('stop', null) + usageChunk + DONE)], {
      config: ONCE,
    });
    const { end, events } = await success(pipeline);
    expect(end.usage).toEqual({ inputTokens: 7, outputTokens: 5, costUsd: 0.0003, source: 'reported' });
    expect(events.filter(({ type }) => type === 'generation-end')).toHaveLength(1);
  });

  it('88: of usage that grows from chunk to chunk the last one counts', async () => {
    const growing = [1, 2, 3]
      .map((count) =>
        data({
          choices: [{ delta: { content: `${count} ` } }],
          usage: { prompt_tokens: 7, completion_tokens: count, cost: count / 100 },
        }),
      )
      .join('');
    const { pipeline } = await aScene([stream(growing + finish('stop', null) + DONE)], { config: ONCE });
    const { text, end } = await success(pipeline);
    expect({ text, usage: end.usage }).toEqual({
      text: '1 2 3 ',
      usage: { inputTokens: 7, outputTokens: 3, costUsd: 0.03, source: 'reported' },
    });
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content_filter', 'content-filter'],
    ['MALFORMED_FUNCTION_CALL', 'other'],
    ['__proto__', 'other'],
  ])('89: the finish reason "%s" is passed on as %s, with the vendor\'s word', async (raw, unified) => {
    const { pipeline } = await aScene([stream(delta('One.') + finish(raw) + DONE)], { config: ONCE });
    expect((await success(pipeline)).end.finishReason).toEqual({ unified, raw });
  });

  it('89: an error after the finish reason "length" leaves it "length"', async () => {
    const late = data({
      choices: [{ delta: { content: '' }, finish_reason: null }],
      error: { code: 400, message: 'Token limit reached' },
      usage: USAGE,
    });
    const { pipeline } = await aScene([stream(delta('One') + finish('length', null) + late + DONE)], { config: ONCE });
    const { text, end } = await success(pipeline);
    expect({ text, unified: end.finishReason.unified, usage: end.usage.source }).toEqual({
      text: 'One',
      unified: 'length',
      usage: 'reported',
    });
  });

  it('89: an answer that the content filter withheld wholly is a failure of its own kind', async () => {
    const { server, pipeline } = await aScene([stream(finish('content_filter') + DONE)]);
    const { error } = await failure(pipeline);
    expect(error).toBeInstanceOf(GenerationError);
    expect({ code: error.code, requests: server.requests.length }).toEqual({ code: 'content-filter', requests: 1 });
  });
});

describe('a body that is closed by [DONE]', () => {
  const script: readonly Step[] = [{ request: true }, { write: SSE_HEAD + chunk(delta('Once ') + DONE) + LAST_CHUNK }];

  it('84: after some text but without a finish reason is no answer, whatever the framing says', async () => {
    const { pipeline } = await aScene([script]);
    const { error, cause } = await interruption(pipeline);
    expect({ code: error.code, cause: cause?.code, partial: error.partial?.text }).toEqual({
      code: 'interrupted',
      cause: 'truncated',
      partial: 'Once ',
    });
  });

  it('84: after some text but without a finish reason is resumed', async () => {
    await resumption({ script, before: 'Once ', code: 'truncated' });
  });
});
