import { describe, expect, it } from '@jest/globals';
import type { Fault } from 'scriptorium/testing';
import { ask, chunksOf, textOfAnswer, textOfChunks } from './ask.js';
import type { Answer } from './ask.js';
import { aGateway, anEmulator } from './gateway-scene.js';

const MESSAGES = [{ role: 'user', content: 'Write about the sea.' }] as const;
const MODEL = 'deepseek/deepseek-v4-flash';

/** How a client must see an answer: the exact text, whole; a true status; or a text that is visibly broken. */
type Seen = 'whole' | number | 'broken';

interface Row {
  readonly name: string;
  readonly fault: Fault;
  /** How often the fault strikes: once, and the gateway makes up for it; or each time. */
  readonly once: Seen;
  readonly always: Seen | readonly [stream: Seen, json: Seen];
}

const ROWS: readonly Row[] = [
  { name: '429', fault: { status: 429 }, once: 'whole', always: 429 },
  {
    name: '429 with Retry-After: 0',
    fault: { status: 429, headers: { 'retry-after': '0' } },
    once: 'whole',
    always: 429,
  },
  {
    name: '429 with a long Retry-After',
    fault: { status: 429, headers: { 'retry-after': '3600' } },
    once: 429,
    always: 429,
  },
  { name: '500', fault: { status: 500 }, once: 'whole', always: 500 },
  { name: '502', fault: { status: 502 }, once: 'whole', always: 502 },
  { name: '503', fault: { status: 503 }, once: 'whole', always: 503 },
  { name: '504', fault: { status: 504 }, once: 'whole', always: 504 },
  { name: '529', fault: { status: 529 }, once: 'whole', always: 529 },
  { name: 'reset before the headers', fault: { reset: 'before-headers' }, once: 'whole', always: 502 },
  { name: 'reset after the headers', fault: { reset: 'after-headers' }, once: 'whole', always: 502 },
  { name: 'reset in the text', fault: { reset: { afterDeltas: 5 } }, once: 'whole', always: ['broken', 502] },
  { name: 'hang-up in the text', fault: { fin: { afterDeltas: 5 } }, once: 'whole', always: ['broken', 502] },
  {
    name: 'an end without a finish reason',
    fault: { truncate: { afterDeltas: 5 } },
    once: 'whole',
    always: ['broken', 502],
  },
  { name: 'garbage in the text', fault: { garbage: { afterDeltas: 5 } }, once: 'whole', always: ['broken', 502] },
  { name: 'an error chunk', fault: { errorChunk: { afterDeltas: 5 } }, once: 'whole', always: ['broken', 502] },
  {
    name: 'an error chunk and [DONE]',
    fault: { errorChunk: { afterDeltas: 5 }, done: true },
    once: 'whole',
    always: ['broken', 502],
  },
  { name: 'an error chunk before any text', fault: { errorChunk: { afterDeltas: 0 } }, once: 'whole', always: 502 },
  { name: 'an empty answer', fault: { empty: true }, once: 'whole', always: 502 },
  { name: 'an HTML page with status 200', fault: { html: true }, once: 'whole', always: 502 },
  { name: '400', fault: { status: 400 }, once: 400, always: 400 },
  { name: '401', fault: { status: 401 }, once: 401, always: 401 },
  { name: '402', fault: { status: 402 }, once: 402, always: 402 },
  { name: '403', fault: { status: 403 }, once: 403, always: 403 },
  { name: '404', fault: { status: 404 }, once: 404, always: 404 },
  {
    name: 'a prompt beyond the context',
    fault: {
      status: 400,
      body: { error: { code: 400, message: 'This endpoint has a maximum context length of 8192 tokens.' } },
    },
    once: 400,
    always: 400,
  },
  { name: 'no usage', fault: { noUsage: true }, once: 'whole', always: 'whole' },
  { name: 'no [DONE]', fault: { noDone: true }, once: 'whole', always: 'whole' },
  { name: 'JSON in place of a stream', fault: { noStream: true }, once: 'whole', always: 'whole' },
];

const CASES = ROWS.flatMap(({ name, fault, once, always }) => {
  const [stream, json] = Array.isArray(always) ? (always as readonly [Seen, Seen]) : [always as Seen, always as Seen];
  return [
    { name, times: 'once', isStream: true, fault, seen: once },
    { name, times: 'once', isStream: false, fault, seen: once },
    { name, times: 'each time', isStream: true, fault, seen: stream },
    { name, times: 'each time', isStream: false, fault, seen: json },
  ];
});

describe('the wall of faults', () => {
  it.each(CASES)('$name, $times, stream $isStream: $seen', async ({ fault, times, isStream, seen }) => {
    const emulator = await anEmulator({ words: 30, ...(times === 'each time' && { fault: () => fault }) });
    if (times === 'once') emulator.script(fault);
    const { port } = await aGateway(emulator.url, {}, { continuity: { maxSegments: 2 } });
    const answer = await ask(port, { model: MODEL, messages: MESSAGES, ...(isStream && { stream: true }) });
    const whole = emulator.textFor({ model: MODEL, messages: [...MESSAGES] });
    expect(viewOf(answer, { isStream, whole })).toEqual(seen);
    if (typeof seen === 'number') expectEnvelope(answer, seen);
  });

  function expectEnvelope({ headers, body }: Answer, status: number): void {
    const { error } = JSON.parse(body) as { error: Readonly<Record<string, unknown>> };
    expect(error).toEqual({
      message: expect.any(String),
      type: expect.any(String),
      param: null,
      code: expect.any(String),
    });
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(headers['x-should-retry']).toBe('false');
    expect(status === 429 && headers['retry-after'] === '0').toBe(false);
    expect(body).not.toMatch(/canary|node_modules|\.ts:\d/);
  }
});

/** The view of a client that believes in HTTP alone and reads neither error chunks nor finish reasons. */
function viewOf(
  { status, body, isComplete }: Answer,
  { isStream, whole }: { isStream: boolean; whole: string },
): unknown {
  if (status !== 200) return isComplete ? status : `${status}, broken`;
  if (!isComplete) return isPrefix(body, whole) ? 'broken' : `not of the text: ${body}`;
  const text = isStream ? textOfChunks(chunksOf(body)) : textOfAnswer(body).content;
  return text === whole ? 'whole' : `another text: ${text}`;
}

function isPrefix(body: string, whole: string): boolean {
  return whole.startsWith(textOfChunks(chunksOf(body)));
}
