import { describe, expect, it } from '@jest/globals';
import { GenerationError } from 'scriptorium';
import type { GenerationEvent } from 'scriptorium';
import type { AttemptMonitor, Connection, WireRequest, WireResponse } from 'scriptorium/plugin';
import { httpProvider } from 'scriptorium/provider';
import type { Codec } from 'scriptorium/provider';
import { aRequest, checkGrammar, ManualClock } from 'scriptorium/testing';
import { Backpressure } from '../../src/core/util/backpressure.js';
import { questionConnection } from '../../src/core/question-connection.js';

/** A vendor whose answers are `{"text"}`, `{"end"}` and `{"error"}`; it closes a stream with `BYE`. */
const codec: Codec = {
  id: 'plain',
  terminator: 'BYE',
  encode: ({ model }) => ({ method: 'POST', url: 'http://vendor.test/v1/write', headers: {}, body: model }),
  classify: ({ status, body }) => new GenerationError('server-error', `${status}: ${body.slice(0, 20)}`, { status }),
  reader: () => {
    let isWhole = false;
    return {
      read: (json, emit) => {
        const { text, end, error } = json as { text?: string; end?: boolean; error?: string };
        if (error !== undefined) throw new GenerationError('overloaded', error);
        isWhole ||= end === true;
        if (text !== undefined) emit({ type: 'text-delta', delta: text });
        return text !== undefined;
      },
      isWhole: () => isWhole,
      end: () => {
        if (!isWhole) throw new GenerationError('truncated', 'cut short');
        return {
          type: 'generation-end',
          finishReason: { unified: 'stop', raw: null },
          usage: { inputTokens: 0, outputTokens: 0, source: 'unmeasured' },
          servedFrom: 'provider',
          provider: 'plain',
          model: 'm',
        };
      },
    };
  },
};

interface Wire {
  readonly connection: Connection;
  readonly opened: WireRequest[];
  readonly signals: AbortSignal[];
  readonly heard: string[];
  readonly clock: ManualClock;
}

/** A connection that gives this response, or fails with this error, and remembers what was asked of it. */
function wire(response: (Partial<WireResponse> & { readonly type?: string }) | Error): Wire {
  const [opened, signals, heard]: [WireRequest[], AbortSignal[], string[]] = [[], [], []];
  const clock = new ManualClock();
  const monitor: AttemptMonitor = {
    onSocket: () => undefined,
    onConnect: () => undefined,
    onHeaders: () => undefined,
    onBytes: (count) => heard.push(`bytes ${count}`),
    onContent: () => heard.push('content'),
  };
  const open: Connection['open'] = (request, signal) => {
    opened.push(request);
    signals.push(signal);
    if (response instanceof Error) return Promise.reject(response);
    const { type = 'text/event-stream', status = 200, body = bodyOf() } = response;
    return Promise.resolve({ status, body, headers: response.headers ?? new Headers({ 'content-type': type }) });
  };
  const connection = { ...questionConnection(open, clock), monitor, attempt: 2 };
  return { connection, opened, signals, heard, clock };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a body is asynchronous, even when it is at hand
async function* bodyOf(...pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

/** A body that gives this and then never ends. */
async function* endless(piece: string): AsyncGenerator<Uint8Array> {
  yield* bodyOf(piece);
  await new Promise(() => undefined);
}

/** A body that gives these pieces and then breaks. */
async function* brokenAfter(...pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  yield* bodyOf(...pieces);
  throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

interface WatchedRun {
  readonly events: readonly GenerationEvent[];
  readonly failure?: GenerationError;
}

const course = ({ connection }: Wire): Promise<WatchedRun> =>
  new Promise((resolve) => {
    const events: GenerationEvent[] = [];
    httpProvider(codec)
      .generate(aRequest({ model: 'm' }), connection)
      .pipe(checkGrammar())
      .subscribe({
        next: (event) => events.push(event),
        error: (failure: GenerationError) => resolve({ events, failure }),
        complete: () => resolve({ events }),
      });
  });
const textOf = ({ events }: WatchedRun): string =>
  events.map((event) => (event.type === 'text-delta' ? event.delta : '')).join('');
const WHOLE = ['data: {"text":"One."}\n\n', 'data: {"end":true}\n\n', 'data: BYE\n\n'];

describe('httpProvider', () => {
  it('does nothing before subscription, and one request for each', async () => {
    const it_ = wire({ body: bodyOf(...WHOLE) });
    const answer = httpProvider(codec).generate(aRequest({ model: 'm' }), it_.connection);
    await Promise.resolve();
    expect(it_.opened).toEqual([]);
    await new Promise<void>((resolve) => void answer.subscribe({ complete: resolve }));
    expect(it_.opened).toEqual([{ method: 'POST', url: 'http://vendor.test/v1/write', headers: {}, body: 'm' }]);
  });

  it('gives the reader the number of the attempt, and waits while the connection is held back', async () => {
    const attempts: number[] = [];
    const noting: Codec = {
      ...codec,
      reader: (request, head) => {
        attempts.push(head.attempt);
        return codec.reader(request, head);
      },
    };
    const { connection } = wire({ body: bodyOf(...WHOLE) });
    const backpressure = new Backpressure();
    backpressure.pause();
    const texts: string[] = [];
    const ended = new Promise<void>((resolve) => {
      httpProvider(noting)
        .generate(aRequest({ model: 'm' }), { ...connection, backpressure })
        .subscribe({ next: (event) => event.type === 'text-delta' && texts.push(event.delta), complete: resolve });
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect({ attempts, texts }).toEqual({ attempts: [2], texts: [] });
    backpressure.resume();
    await ended;
    expect(texts).toEqual(['One.']);
  });

  it('reads a stream to its terminator and leaves the socket for others', async () => {
    const it_ = wire({ body: bodyOf(...WHOLE) });
    const seen = await course(it_);
    expect({ text: textOf(seen), failure: seen.failure }).toEqual({ text: 'One.', failure: undefined });
    await new Promise((resolve) => setImmediate(resolve));
    expect({ aborted: it_.signals[0]!.aborted, timers: it_.clock.pending }).toEqual({ aborted: false, timers: 0 });
  });

  it('reads a stream to the event that closes it, where a reader knows one, and waits for no more', async () => {
    const closing: Codec = {
      ...codec,
      reader: (...parts) => {
        const reader = codec.reader(...parts);
        return { ...reader, isClosed: () => reader.isWhole() };
      },
    };
    const it_ = wire({ body: endless(WHOLE[0]! + WHOLE[1]! + WHOLE[0]!) });
    const events: GenerationEvent[] = [];
    await new Promise<void>(
      (resolve) =>
        void httpProvider(closing)
          .generate(aRequest({ model: 'm' }), it_.connection)
          .subscribe({ next: (event) => events.push(event), complete: resolve }),
    );
    expect(events.map(({ type }) => type)).toEqual(['text-delta', 'generation-end']);
  });

  it.each(['text/event-stream', 'text/event-stream; charset=utf-8', 'Text/Event-Stream;charset=UTF-8'])(
    'takes %s for a stream',
    async (type) => {
      expect(textOf(await course(wire({ type, body: bodyOf(...WHOLE) })))).toBe('One.');
    },
  );

  it.each(['application/json', 'text/plain', ''])('takes "%s" for a whole answer', async (type) => {
    expect(textOf(await course(wire({ type, body: bodyOf('{"text":"Al', 'l.","end":true}') })))).toBe('All.');
  });

  it('tells the monitor of bytes and of content, as they come', async () => {
    const it_ = wire({ body: bodyOf(': keep-alive\n\n', ...WHOLE) });
    await course(it_);
    expect(it_.heard).toEqual([
      'bytes 14',
      `bytes ${WHOLE[0]!.length}`,
      'content',
      `bytes ${WHOLE[1]!.length}`,
      `bytes ${WHOLE[2]!.length}`,
    ]);
  });

  it.each([
    [
      'whose status is an error',
      { status: 503, body: bodyOf('busy') },
      { code: 'server-error', status: 503, message: '503: busy' },
    ],
    [
      'that redirects',
      { status: 302, headers: new Headers({ location: 'http://elsewhere.test/x?key=1' }) },
      {
        code: 'redirect',
        message: expect.stringMatching(
          /^The server answered 302, a redirect to http:\/\/elsewhere\.test\/x\. It was not followed/,
        ),
      },
    ],
    [
      'with an unusable Location',
      { status: 302, headers: new Headers({ location: 'http://[' }) },
      { code: 'redirect', message: expect.stringContaining('without a usable Location') },
    ],
    ['that is empty', { type: 'application/json' }, { code: 'empty-answer', retryable: true }],
    ['of white space', { type: 'application/json', body: bodyOf('  \n ') }, { code: 'empty-answer', retryable: true }],
    ['that is a page', { type: 'text/html', body: bodyOf(' <!doctype html>') }, { code: 'server-error', status: 200 }],
    [
      'that is no JSON',
      { type: 'application/json', body: bodyOf('   \n.') },
      { code: 'malformed-answer', retryLimit: 1 },
    ],
    [
      'whose JSON breaks off',
      { type: 'application/json', body: bodyOf(' {"text":"Al') },
      { code: 'truncated', retryable: true },
    ],
    ['whose event is no JSON', { body: bodyOf('data: {"te\n\n') }, { code: 'malformed-answer', retryLimit: 1 }],
    ['that says it failed', { body: bodyOf('data: {"error":"busy"}\n\n') }, { code: 'overloaded' }],
    ['that is cut short', { body: bodyOf(WHOLE[0]!) }, { code: 'truncated' }],
    ['that breaks', { body: brokenAfter(WHOLE[0]!) }, { code: 'connection', retryable: true }],
  ])('fails for an answer %s, and closes the socket', async (_, response, expected) => {
    const it_ = wire(response);
    const { failure } = await course(it_);
    expect(failure).toMatchObject(expected);
    await new Promise((resolve) => setImmediate(resolve));
    expect(it_.signals[0]!.aborted).toBe(true);
  });

  it('fails as the connection fails, and turns what is foreign into a GenerationError', async () => {
    expect((await course(wire(new GenerationError('dns', 'no such host')))).failure).toMatchObject({ code: 'dns' });
    expect((await course(wire(new TypeError('x is not a function')))).failure).toMatchObject({
      code: 'internal',
      retryable: false,
    });
  });

  it('turns an error of the codec into a failure', async () => {
    const broken = httpProvider({
      ...codec,
      encode: () => {
        throw new Error('no model');
      },
    });
    const failure = await new Promise(
      (resolve) => void broken.generate(aRequest(), wire({}).connection).subscribe({ error: resolve }),
    );
    expect(failure).toMatchObject({ code: 'internal', message: expect.stringContaining('no model') });
  });

  it('makes a break after the answer was whole a warning', async () => {
    const it_ = wire({ body: brokenAfter(WHOLE[0]!, WHOLE[1]!) });
    const { events, failure } = await course(it_);
    expect(failure).toBeUndefined();
    expect(events.map(({ type }) => type)).toEqual(['text-delta', 'warning', 'generation-end']);
  });

  it('uses a last event without its blank line if it is whole, and passes it over if not', async () => {
    expect(textOf(await course(wire({ body: bodyOf(WHOLE[1]!, 'data: {"text":"One."}') })))).toBe('One.');
    expect((await course(wire({ body: bodyOf(WHOLE[1]!, 'data: {"text":"One') }))).failure).toBeUndefined();
  });

  it('closes the socket in the tick of the unsubscribing, in silence', async () => {
    const it_ = wire({ body: bodyOf(...WHOLE) });
    const seen: unknown[] = [];
    const subscription = httpProvider(codec)
      .generate(aRequest(), it_.connection)
      .subscribe({
        next: (event) => seen.push(event),
        error: (error) => seen.push(error),
        complete: () => seen.push('done'),
      });
    subscription.unsubscribe();
    expect(it_.signals[0]!.aborted).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([]);
  });

  it('gives up, after a second, a stream that goes on after its terminator', async () => {
    const endless = (async function* pieces() {
      yield* bodyOf(...WHOLE);
      await new Promise(() => undefined);
    })();
    const it_ = wire({ body: endless });
    expect(textOf(await course(it_))).toBe('One.');
    it_.clock.advance(999);
    await new Promise((resolve) => setImmediate(resolve));
    expect(it_.signals[0]!.aborted).toBe(false);
    it_.clock.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect({ aborted: it_.signals[0]!.aborted, timers: it_.clock.pending }).toEqual({ aborted: true, timers: 0 });
  });

  it('offers the limits of its codec, and none where the codec has none', () => {
    expect(httpProvider(codec)).not.toHaveProperty('limitKeys');
    expect(
      httpProvider({ ...codec, limitKeys: ({ model }) => [{ key: model, limits: {} }] }).limitKeys!(
        aRequest({ model: 'm' }),
      ),
    ).toEqual([{ key: 'm', limits: {} }]);
  });
});

describe('the kind of a body', () => {
  it.each(['text/plain', 'application/json', 'application/octet-stream', ''])(
    'is known by its first characters where the content type is "%s"',
    async (type) => {
      const headers = type === '' ? new Headers() : new Headers({ 'content-type': type });
      for (const pieces of [
        WHOLE,
        ['d', 'ata', WHOLE.join('').slice(4)],
        [': hello\n\n', ...WHOLE],
        ['\n\n', ...WHOLE],
      ])
        expect(textOf(await course(wire({ headers, body: bodyOf(...pieces) })))).toBe('One.');
    },
  );

  it('is a whole answer where it begins with a brace, after blanks that keep the connection alive', async () => {
    const given = wire({ type: 'text/plain', body: bodyOf('\n', ' ', '{"text":"One.",', '"end":true}') });
    expect(textOf(await course(given))).toBe('One.');
    expect(given.heard).toEqual(['bytes 1', 'bytes 1', 'bytes 15', 'bytes 11', 'content']);
  });
});
