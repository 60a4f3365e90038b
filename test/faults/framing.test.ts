import { describe, expect, it } from '@jest/globals';
import type { GenerationEvent } from 'scriptorium';
import { CountingClock } from '../support/counting-clock.js';
import { aScene, success } from '../support/scene.js';
import type { Step } from '../support/script-server.js';
import { chunk, chunked, data, delta, DONE, finish, goodStream, head, LAST_CHUNK, SSE_HEAD } from '../support/wire.js';

const TEXTS = ['Zoë — ', 'naïve ', '日本語 ', '🌊🐋', ' "data: [DONE]"\n\n', '\u2028end.'];
const WHOLE = TEXTS.join('');
const BODY = goodStream(...TEXTS);
const BOM = '\uFEFF';
const respond = (...steps: readonly Step[]): readonly Step[] => [{ request: true }, ...steps];
const byteByByte = (body: string): string =>
  [...Buffer.from(body)].map((byte) => `1\r\n${String.fromCharCode(byte)}\r\n`).join('');

/** What a subscriber gets, less what differs from call to call. */
async function eventsAfter(script: readonly Step[]): Promise<readonly GenerationEvent[]> {
  const { pipeline, server } = await aScene([script], { config: { retry: { maxAttempts: 1 } } });
  const { events } = await success(pipeline);
  expect(server.requests).toHaveLength(1);
  return events.map((event) =>
    event.type === 'generation-end' ? { ...event, attempts: [], generationId: 'any' } : event,
  );
}

describe('however the bytes come', () => {
  it.each([
    ['59', 'one byte a segment', [{ slices: chunked(BODY) }]],
    ['60', 'all in one segment', [{ write: chunked(BODY) }]],
    [
      '61',
      'one byte a chunk, inside characters of two, three and four bytes',
      [{ write: Buffer.from(SSE_HEAD + byteByByte(BODY) + LAST_CHUNK, 'latin1') }],
    ],
    ['61', 'three bytes a segment', [{ slices: chunked(BODY), size: 3 }]],
    ['63', 'with a byte order mark', [{ write: chunked(BOM + BODY) }]],
    ['63', 'with a byte order mark split over segments', [{ slices: chunked(BOM + BODY) }]],
    ['65', 'with CRLF', [{ write: chunked(BODY.replaceAll('\n', '\r\n')) }]],
    ['65', 'with CR', [{ write: chunked(BODY.replaceAll('\n', '\r')) }]],
    ['65', 'with CRLF split over segments', [{ slices: chunked(BODY.replaceAll('\n', '\r\n')) }]],
    ['65', 'with CR, one byte a segment', [{ slices: chunked(BODY.replaceAll('\n', '\r')) }]],
    ['65', 'with all line endings mixed', [{ write: chunked(mixedEndings(BODY)) }]],
    ['66', 'without the space after "data:"', [{ write: chunked(BODY.replaceAll(/^data: /gm, 'data:')) }]],
    ['66', 'with two spaces after "data:"', [{ write: chunked(BODY.replaceAll(/^data: (?!\[)/gm, 'data:  ')) }]],
    [
      '68',
      'among comments, ids, retries and unknown fields',
      [
        {
          write: chunked(
            BODY.replaceAll(/^data: /gm, ': comment\nid: 7\nretry: 1\nevent: chunk\nunknown: x\nnocolon\ndata: '),
          ),
        },
      ],
    ],
    [
      '69',
      'without the last blank line',
      [{ write: head('200 OK', ['content-type: text/event-stream']) + BODY.trimEnd() }, { fin: true }],
    ],
  ] as const)('%s: the events are the same %s', async (_, __, steps) => {
    expect(await eventsAfter(respond(...steps))).toEqual(await eventsAfter(respond({ write: chunked(BODY) })));
  });

  it('60: the text is whole and in order', async () => {
    const { pipeline } = await aScene([respond({ write: chunked(BODY) })]);
    const { text, events } = await success(pipeline);
    expect(text).toBe(WHOLE);
    expect(events.filter(({ type }) => type === 'text-delta')).toEqual(
      TEXTS.map((piece) => ({ type: 'text-delta', delta: piece })),
    );
  });

  it('65: an event that ends in CR is handed on without waiting for the next one', async () => {
    const stream = [
      delta('Once ').replaceAll('\n', '\r'),
      finish().replaceAll('\n', '\r'),
      DONE.replaceAll('\n', '\r'),
    ];
    const { pipeline } = await aScene([respond({ write: SSE_HEAD + chunk(stream.join('')) }, { stall: true })], {
      clock: CountingClock.still(),
    });
    expect((await success(pipeline)).text).toBe('Once ');
  });
});

describe('what a stream may hold besides', () => {
  const answerTo = async (body: string | Uint8Array, headers = SSE_HEAD): Promise<string> => {
    const bytes = Buffer.from(body as string);
    const { pipeline } = await aScene(
      [
        respond({
          write: Buffer.concat([
            Buffer.from(`${headers}${bytes.length.toString(16)}\r\n`),
            bytes,
            Buffer.from(`\r\n${LAST_CHUNK}`),
          ]),
        }),
      ],
      { config: { retry: { maxAttempts: 1 } } },
    );
    return (await success(pipeline)).text;
  };

  it('62: bytes that are no UTF-8 become U+FFFD, and the stream goes on', async () => {
    const bad = Buffer.from(delta('a?b').replace('?', '\x01'), 'latin1');
    bad[bad.indexOf(1)] = 0xff;
    expect(await answerTo(Buffer.concat([bad, Buffer.from(goodStream('c'))]))).toBe('a\uFFFDbc');
  });

  it('64: a byte order mark further on makes its line an unknown field', async () => {
    expect(await answerTo(delta('Once ') + BOM + delta('lost ') + goodStream('upon'))).toBe('Once upon');
  });

  it('64: a byte order mark inside a text is part of the text', async () => {
    expect(await answerTo(goodStream(`Once ${BOM}upon`))).toBe(`Once ${BOM}upon`);
  });

  it('67: data of several lines is joined by line feeds and read once', async () => {
    const json = JSON.stringify({ choices: [{ index: 0, delta: { content: 'One.' } }] }, null, 2);
    const lines = json
      .split('\n')
      .map((line) => `data: ${line}\n`)
      .join('');
    expect(await answerTo(`${lines}\n${finish()}${DONE}`)).toBe('One.');
  });

  it('68: "retry:" and "id:" lead to no further request', async () => {
    const { server, pipeline } = await aScene([
      respond({ write: chunked(`retry: 1\nid: 4\n\n${goodStream('One.')}`) }),
    ]);
    await success(pipeline);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]!.toLowerCase()).not.toContain('last-event-id');
  });

  it.each([
    ['the finish', delta('One.') + finish().trimEnd(), 'reported'],
    [
      'the usage',
      delta('One.') +
        finish('stop', null) +
        data({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } }).trimEnd(),
      'reported',
    ],
    ['[DONE]', delta('One.') + finish() + DONE.trimEnd(), 'reported'],
    [
      'half an event after the finish',
      `${delta('One.')}${finish()}data: {"choices":[{"delta":{"content":"los`,
      'reported',
    ],
  ])('69: a stream that ends right after %s, without a blank line, is whole', async (_, body, source) => {
    const { pipeline } = await aScene(
      [respond({ write: head('200 OK', ['content-type: text/event-stream']) + body }, { fin: true })],
      { config: { retry: { maxAttempts: 1 } } },
    );
    const { text, end } = await success(pipeline);
    expect({ text, source: end.usage.source }).toEqual({ text: 'One.', source });
  });
});

/** A different line ending for each event in turn: inside one event CR and LF would run together. */
function mixedEndings(body: string): string {
  const endings = ['\n', '\r\n', '\r'];
  return body
    .split('\n\n')
    .map((event, index) => (event === '' ? '' : `${event}\n\n`.replaceAll('\n', endings[index % 3]!)))
    .join('');
}
