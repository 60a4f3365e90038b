import { describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { aScene, interruption, messagesOf, resumption, success } from '../support/scene.js';
import type { Step } from '../support/script-server.js';
import { answers, chunk, data, delta, head, SSE_HEAD } from '../support/wire.js';

const GOOD = answers('Once upon a time.');
const TYPE = 'content-type: text/event-stream';
const CLOSE_DELIMITED = head('200 OK', [TYPE]);
const TOO_LONG = head('200 OK', [TYPE, 'content-length: 100000']);
const plain = (body: string): string => body;

interface BrokenBody {
  readonly row: string;
  readonly fault: string;
  readonly head: string;
  readonly frame: (body: string) => string;
  readonly ending: Step;
  readonly code: string;
}

const BREAKS: readonly BrokenBody[] = [
  {
    row: '45',
    fault: 'a chunked body that is closed between chunks',
    head: SSE_HEAD,
    frame: chunk,
    ending: { fin: true },
    code: 'connection',
  },
  {
    row: '45',
    fault: 'a chunked body that is closed inside a chunk',
    head: SSE_HEAD,
    frame: (body) => `ffff\r\n${body}`,
    ending: { fin: true },
    code: 'connection',
  },
  {
    row: '46',
    fault: 'a chunked body that is reset',
    head: SSE_HEAD,
    frame: chunk,
    ending: { rst: true },
    code: 'connection',
  },
  {
    row: '47',
    fault: 'a close-delimited body that ends early',
    head: CLOSE_DELIMITED,
    frame: plain,
    ending: { fin: true },
    code: 'truncated',
  },
  {
    row: '48',
    fault: 'a close-delimited body that is reset',
    head: CLOSE_DELIMITED,
    frame: plain,
    ending: { rst: true },
    code: 'truncated',
  },
  {
    row: '49',
    fault: 'a body shorter than its Content-Length',
    head: TOO_LONG,
    frame: plain,
    ending: { fin: true },
    code: 'connection',
  },
  {
    row: '49',
    fault: 'a body with a Content-Length that is reset',
    head: TOO_LONG,
    frame: plain,
    ending: { rst: true },
    code: 'connection',
  },
];

/** A pause before the end, since a reset takes with it what has not been read. */
const broken = ({ head: lines, frame, ending }: BrokenBody, body: string): readonly Step[] => [
  { request: true },
  { write: lines + frame(body) },
  { wait: 15 },
  ending,
];

const THOUGHT = data({ choices: [{ index: 0, delta: { reasoning: 'Hm.' } }] });

describe('a body that breaks before any text', () => {
  it.each(BREAKS)('$row: $fault is no success and is tried again', async (fault) => {
    const { server, pipeline } = await aScene([broken(fault, THOUGHT), GOOD]);
    const { text, tries, end } = await success(pipeline);
    expect({ text, tries, requests: server.requests.length }).toEqual({
      text: 'Once upon a time.',
      tries: [fault.code, 'ok'],
      requests: 2,
    });
    expect(end.attempts?.map(({ usage }) => usage.source)).toEqual(['estimated', 'reported']);
  });

  it.each(BREAKS)('$row: $fault is tried again when not even a thought had come', async (fault) => {
    const { server, pipeline } = await aScene([broken(fault, ': OPENROUTER PROCESSING\n\n'), GOOD]);
    const { text, tries, end } = await success(pipeline);
    const code = fault.code === 'truncated' ? 'empty-answer' : fault.code;
    expect({ text, tries, requests: server.requests.length }).toEqual({
      text: 'Once upon a time.',
      tries: [code, 'ok'],
      requests: 2,
    });
    expect(end.attempts?.[0]?.usage.source).toBe('unmeasured');
  });
});

describe('a body that breaks after some text', () => {
  it.each(BREAKS)(
    '$row: $fault is no success but an interruption with the text so far, where it may not be resumed',
    async (fault) => {
      const { server, pipeline, sink } = await aScene([broken(fault, delta('Once ') + delta('upon ')), GOOD]);
      const { error, cause, text, tries } = await interruption(pipeline);
      expect({ cause: cause?.code, text, partial: error.partial?.text }).toEqual({
        cause: fault.code,
        text: 'Once upon ',
        partial: 'Once upon ',
      });
      expect({ tries, requests: server.requests.length }).toEqual({ tries: [fault.code], requests: 1 });
      expect(sink.generations).toMatchObject([{ outcome: 'error', errorCode: 'interrupted', attempts: 1 }]);
      await eventually(() => server.openSockets() === 0);
    },
  );

  it.each(BREAKS)('$row: of $fault the last event is used only if it is whole', async (fault) => {
    const last = delta('a time.');
    const { pipeline } = await aScene([broken(fault, delta('Once ') + last.slice(0, -10))]);
    expect((await interruption(pipeline)).error.partial?.text).toBe('Once ');
  });

  it.each(BREAKS)('$row: $fault is resumed, and the text is whole', async (fault) => {
    await resumption({
      script: broken(fault, delta('Once ') + delta('upon ')),
      before: 'Once upon ',
      code: fault.code,
    });
  });

  it.each(BREAKS)('$row: $fault inside an event is resumed from the last whole one', async (fault) => {
    await resumption({
      script: broken(fault, delta('Once ') + delta('upon ').slice(0, -10)),
      before: 'Once ',
      code: fault.code,
    });
  });

  it('45, 46: a model of which nothing is known gets the text less its last words, is told to begin with them, and no word comes twice', async () => {
    const [begun, anchor, rest] = [
      'It was the best of times, it was ',
      'the worst of times, it',
      ' was the age of wisdom.',
    ];
    for (const fault of BREAKS.filter(({ row }) => row === '45' || row === '46')) {
      const { server, pipeline } = await aScene([broken(fault, delta(begun) + delta(anchor)), answers(anchor, rest)]);
      const { text, tries, events } = await success(pipeline);
      expect({ text, tries, splices: events.filter(({ type }) => type === 'continuation').length }).toEqual({
        text: begun + anchor + rest,
        tries: [fault.code, 'ok'],
        splices: 1,
      });
      const messages = messagesOf(server.requests[1]!);
      expect(messages).toEqual([
        { role: 'user', content: 'Begin.' },
        { role: 'assistant', content: begun },
        { role: 'user', content: expect.stringContaining(anchor) },
      ]);
    }
  });
});
