import { describe, expect, it } from '@jest/globals';
import type { ConfigInput, GenerationInput } from 'scriptorium';
import type { Serve } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { aScene, failure, interruption, messagesOf, resumption, success } from '../support/scene.js';
import type { Step } from '../support/script-server.js';
import { EVENT_STREAM, inScene, inWorld } from '../support/simulated-scene.js';
import { answers, chunk, chunked, data, delta, DONE, finish, goodStream, SSE_HEAD } from '../support/wire.js';

const GOOD = answers('Once upon a time.');
const ONCE: ConfigInput = { retry: { maxAttempts: 1 } };
/** A generation that might be resumed, were it possible. */
const DEFAULTS: GenerationInput = { prompt: 'Begin.', overrides: { continuity: { onBreak: 'resume' } } };
const stream = (body: string): readonly Step[] => [{ request: true }, { write: chunked(body) }];
const breaking = (body: string): readonly Step[] => [
  { request: true },
  { write: SSE_HEAD + chunk(body) },
  { wait: 15 },
  { rst: true },
];
const inChoice = (index: unknown, content: string): string => data({ choices: [{ index, delta: { content } }] });
const toolCall = (index: unknown, parts: object): string =>
  data({ choices: [{ index: 0, delta: { tool_calls: [{ index, ...parts }] } }] });
const named = (index: unknown, name: string, text = ''): string =>
  toolCall(index, { id: `call_${name}`, type: 'function', function: { name, arguments: text } });
const more = (index: unknown, text: string): string => toolCall(index, { function: { arguments: text } });

describe('endless small events', () => {
  const FLOOD: readonly Step[] = [{ request: true }, { write: SSE_HEAD }, { flood: chunk(delta('word ')) }];

  it('72: are given up at limits.maxAnswerBytes: the connection is closed, nothing is tried again, and the text is kept', async () => {
    const { pipeline, server } = await aScene([FLOOD, GOOD], { config: { limits: { maxAnswerBytes: 100_000 } } });
    const { cause, text } = await interruption(pipeline, DEFAULTS);
    expect(cause).toMatchObject({ code: 'buffer-limit', retryable: false });
    expect(text.length).toBeGreaterThan(1_000);
    expect(text.length).toBeLessThan(100_000);
    await eventually(() => server.openSockets() === 0);
  });

  it('72: without content are given up, too', async () => {
    const { pipeline } = await aScene(
      [[{ request: true }, { write: SSE_HEAD }, { flood: chunk(': still here\n\n') }], GOOD],
      { config: { limits: { maxAnswerBytes: 10_000 } } },
    );
    expect((await failure(pipeline)).tries).toEqual(['buffer-limit']);
  });

  let words = 0;
  /** A text without end, a word a millisecond. */
  const ENDLESS: Serve = async (_, exchange) => {
    exchange.open(200, EVENT_STREAM);
    for (;;) {
      words += 1;
      await exchange.write(delta(` word${words}`));
      await exchange.pause(1);
    }
  };

  it(
    '72: are bounded by the time of an attempt where no number is set',
    inWorld((world) =>
      inScene(world, { scripts: [ENDLESS], config: { timeouts: { attemptMs: 80 } } }, async ({ pipeline }) => {
        expect((await interruption(pipeline)).cause).toMatchObject({ code: 'timeout', timer: 'attempt' });
      }),
    ),
  );

  it(
    '72: are bounded by that and continuity.maxSegments where the text is resumed',
    inWorld((world) =>
      inScene(
        world,
        {
          scripts: [ENDLESS],
          config: {
            timeouts: { attemptMs: 150 },
            continuity: { maxSegments: 2 },
            plugins: { openrouter: { prefill: { 'a/model': 'exact' } } },
          },
        },
        async ({ pipeline }) => {
          const { error, tries, text } = await failure(pipeline);
          expect({ code: error.code, tries }).toEqual({
            code: 'interrupted',
            tries: ['timeout', 'timeout', 'timeout'],
          });
          expect(error.message).toContain('continuity.maxSegments');
          expect(error.partial!.text === text).toBe(true);
        },
      ),
    ),
  );

  it('72: an answer below the number is an answer', async () => {
    const { pipeline } = await aScene([GOOD], { config: { limits: { maxAnswerBytes: 10_000 } } });
    expect((await success(pipeline)).text).toBe('Once upon a time.');
  });
});

describe('an event with a type', () => {
  const OVERLOADED = `event: error\n${data({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })}`;

  it('76: "error" after some text is an interruption that might be mended later, and is resumed', async () => {
    const script = stream(delta('Once ') + OVERLOADED);
    const { pipeline } = await aScene([script, GOOD]);
    const { cause, text } = await interruption(pipeline);
    expect({ text, retryable: cause?.retryable }).toEqual({ text: 'Once ', retryable: true });
    await resumption({ script, before: 'Once ', code: cause!.code });
  });

  it('76: "error" before any text is tried again', async () => {
    const { pipeline } = await aScene([stream(OVERLOADED), GOOD]);
    expect((await success(pipeline)).tries).toHaveLength(2);
  });

  it.each([
    ['ping', { type: 'ping' }],
    ['heartbeat', {}],
    ['vendor.debug', { debug: { took: 7 } }],
  ])('78: "%s", which nobody knows, changes nothing of the answer', async (type, json) => {
    const { pipeline } = await aScene([stream(`${delta('Once ')}event: ${type}\n${data(json)}${goodStream('upon')}`)], {
      config: ONCE,
    });
    expect((await success(pipeline)).text).toBe('Once upon');
  });

  it('78: that nobody knows, but with text in it, is text: none is lost for a name', async () => {
    const { pipeline } = await aScene([stream(`event: chunk.v2\n${delta('Once ')}${goodStream('upon')}`)], {
      config: ONCE,
    });
    expect((await success(pipeline)).text).toBe('Once upon');
  });
});

describe('tool calls', () => {
  it('90: cut in the middle of their arguments before any text are not handed over, and the attempt is made again', async () => {
    const { pipeline, server } = await aScene([
      breaking(named(0, 'publish', '{"title": "Mo')),
      stream(named(0, 'publish', '{"title": "Moby"}') + finish('tool_calls') + DONE),
    ]);
    const { events, tries } = await success(pipeline);
    expect(events.filter(({ type }) => type === 'tool-call')).toEqual([
      { type: 'tool-call', index: 0, id: 'call_publish', name: 'publish', arguments: '{"title": "Moby"}' },
    ]);
    expect({ tries, requests: server.requests.length }).toEqual({ tries: ['connection', 'ok'], requests: 2 });
  });

  const CALLING = breaking(delta('I will. ') + named(0, 'publish', '{"title": "Mo'));

  it('90: cut after some text are not handed over, are told of in the error, and are never resumed', async () => {
    const { pipeline, server } = await aScene([CALLING, GOOD]);
    const { events, text, error } = await interruption(pipeline, DEFAULTS);
    expect({ text, calls: events.filter(({ type }) => type === 'tool-call') }).toEqual({ text: 'I will. ', calls: [] });
    expect({ open: error.partial?.toolCallsOpen, requests: server.requests.length }).toEqual({
      open: true,
      requests: 1,
    });
  });

  it('90: of an answer that broke off before any had begun, none is open', async () => {
    const { pipeline } = await aScene([breaking(delta('I will. ')), GOOD]);
    expect((await interruption(pipeline)).error.partial?.toolCallsOpen).toBe(false);
  });

  it('90: cut after some text are made anew by generate(), which begins again', async () => {
    const { pipeline, server } = await aScene([
      CALLING,
      stream(delta('I do. ') + named(0, 'publish', '{"title": "Moby"}') + finish('tool_calls') + DONE),
    ]);
    const voiding: unknown[] = [];
    pipeline.generations$.subscribe(({ event }) => {
      if (event.type === 'restart' || event.type === 'continuation') voiding.push(event);
    });
    const { text, toolCalls, attempts } = await pipeline.generate({ prompt: 'Begin.' });
    expect({ text, calls: toolCalls.map((call) => call.arguments) }).toEqual({
      text: 'I do. ',
      calls: ['{"title": "Moby"}'],
    });
    expect({ voiding, outcomes: attempts.map(({ outcome }) => outcome) }).toEqual({
      voiding: [{ type: 'restart', reason: 'connection' }],
      outcomes: ['error', 'success'],
    });
    expect(server.requests.map(messagesOf)).toEqual([
      [{ role: 'user', content: 'Begin.' }],
      [{ role: 'user', content: 'Begin.' }],
    ]);
  });

  it('90: whose arguments are no JSON though the answer is whole are handed over as the text they are', async () => {
    const { pipeline } = await aScene([stream(named(0, 'publish', '{"title": "Mo') + finish('tool_calls') + DONE)], {
      config: ONCE,
    });
    expect((await success(pipeline)).events).toContainEqual({
      type: 'tool-call',
      index: 0,
      id: 'call_publish',
      name: 'publish',
      arguments: '{"title": "Mo',
    });
  });

  it('91: out of order and interleaved are put together by their index', async () => {
    const body =
      named(1, 'second') + named(0, 'first') + more(1, '{"b"') + more(0, '{"a"') + more(1, ':2}') + more(0, ':1}');
    const { pipeline } = await aScene([stream(body + finish('tool_calls') + DONE)], { config: ONCE });
    const calls = (await success(pipeline)).events.filter((event) => event.type === 'tool-call');
    expect(calls.map(({ index, name, arguments: text }) => [index, name, text])).toEqual([
      [0, 'first', '{"a":1}'],
      [1, 'second', '{"b":2}'],
    ]);
  });

  it.each([1e9, 128, -1, 0.5, '__proto__', 'constructor', null, {}])(
    '91: with the index %j harm nobody',
    async (index) => {
      const { pipeline } = await aScene([stream(delta('One.') + named(index, 'odd', '{}') + finish() + DONE)], {
        config: ONCE,
      });
      const { text, events } = await success(pipeline);
      expect(text).toBe('One.');
      expect(events.filter((event) => event.type === 'tool-call' && (event.index < 0 || event.index > 127))).toEqual(
        [],
      );
      expect(({} as Record<string, unknown>).name).toBeUndefined();
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
  );
});

describe('several choices', () => {
  it.each([
    ['in turn', inChoice(0, 'Once ') + inChoice(1, 'Elsewhere ') + inChoice(0, 'upon') + inChoice(1, 'entirely')],
    [
      'in one chunk',
      data({
        choices: [
          { index: 1, delta: { content: 'Elsewhere ' } },
          { index: 0, delta: { content: 'Once ' } },
        ].reverse(),
      }) +
        inChoice(1, 'entirely') +
        inChoice(0, 'upon'),
    ],
    [
      'the other one first in its chunk',
      inChoice(0, 'Once ') +
        data({
          choices: [
            { index: 1, delta: { content: 'Elsewhere ' } },
            { index: 0, delta: { content: 'upon' } },
          ],
        }),
    ],
    [
      'with an impossible index',
      inChoice(0, 'Once ') + inChoice(1e9, 'Elsewhere ') + inChoice('__proto__', 'Nowhere ') + inChoice(0, 'upon'),
    ],
  ])('91: that come %s are not woven into one text', async (_, body) => {
    const { pipeline } = await aScene([stream(body + finish() + DONE)], { config: ONCE });
    expect((await success(pipeline)).text).toBe('Once upon');
  });

  it('91: a lone choice with another index, or none, is the answer', async () => {
    for (const index of [1, undefined]) {
      const { pipeline } = await aScene(
        [
          stream(
            inChoice(index, 'Once ') +
              inChoice(index, 'upon') +
              data({ choices: [{ index, delta: {}, finish_reason: 'stop' }] }) +
              DONE,
          ),
        ],
        { config: ONCE },
      );
      expect((await success(pipeline)).text).toBe('Once upon');
    }
  });
});

describe('a chunk that comes twice', () => {
  it('92: with the same id is text twice: a poem may repeat a line, and nobody guesses', async () => {
    const { pipeline } = await aScene(
      [stream(delta('Row, ') + delta('row, ') + delta('row, ') + goodStream('your boat.'))],
      { config: ONCE },
    );
    expect((await success(pipeline)).text).toBe('Row, row, row, your boat.');
  });
});

describe('reasoning_content', () => {
  const thought = data({ choices: [{ index: 0, delta: { reasoning_content: 'Hm. ' } }] });

  it(
    '93: counts as progress',
    inWorld((world) => {
      const thinking: Serve = async (_, exchange) => {
        exchange.open(200, EVENT_STREAM);
        for (let count = 0; count < 8; count += 1) {
          await exchange.write(thought);
          await exchange.pause(25);
        }
        await exchange.end(goodStream('One.'));
      };
      const config = { ...ONCE, timeouts: { firstTokenMs: 100, contentIdleMs: 100, idleMs: 100 } };
      return inScene(world, { scripts: [thinking], config }, async ({ pipeline }) => {
        const { text, events } = await success(pipeline);
        expect({ text, thoughts: events.filter(({ type }) => type === 'reasoning-delta').length }).toEqual({
          text: 'One.',
          thoughts: 8,
        });
      });
    }),
  );

  it('93: is never a commit: an attempt that only thought is made again', async () => {
    const { pipeline } = await aScene([breaking(thought + thought), GOOD]);
    const { text, tries, events } = await success(pipeline);
    expect({ text, tries }).toEqual({ text: 'Once upon a time.', tries: ['connection', 'ok'] });
    expect(events.filter((event) => event.type === 'reasoning-delta').map(({ attempt }) => attempt)).toEqual([1, 1]);
  });
});
