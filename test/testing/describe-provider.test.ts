import { describe, expect, it } from '@jest/globals';
import {
  concatMap,
  from,
  ignoreElements,
  mergeWith,
  Observable,
  of,
  ReplaySubject,
  retry,
  share,
  switchMap,
  throwError,
} from 'rxjs';
import type { GenerationEvent } from 'scriptorium';
import { GenerationError } from 'scriptorium';
import type { Connection, GenerationRequest, Provider, WireRequest, WireResponse } from 'scriptorium/plugin';
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';
import { chatDialect, describeProvider, PROVIDER_PROMISES, providerOf } from 'scriptorium/testing';
import type { ProviderContract, ProviderDialect } from 'scriptorium/testing';

type Generate = Provider['generate'];
type Mistake = (generate: Generate) => Generate;
type Promised = keyof typeof PROVIDER_PROMISES;

const sound = (url: string, apiKey: string): Promise<Provider> =>
  providerOf(openaiCompatible(), { baseUrl: `${url}/v1`, apiKey, prefill: { begun: 'exact', none: 'none' } });

/** A provider that is sound but for one mistake in what its `generate` does. */
const mistaken =
  (mistake: Mistake): ProviderContract['make'] =>
  async ({ url, apiKey }) => {
    const provider = await sound(url, apiKey);
    return { ...provider, generate: mistake(provider.generate.bind(provider)) };
  };
const contract = (make: ProviderContract['make'], dialect: Partial<ProviderDialect> = {}): ProviderContract => ({
  make,
  dialect: { ...chatDialect, ...dialect },
  models: ['told', 'begun', 'none'],
});

/** The same events, each put in another's place. */
const events =
  (change: (event: GenerationEvent) => GenerationEvent | readonly GenerationEvent[]): Mistake =>
  (generate) =>
  (request, connection) =>
    generate(request, connection).pipe(
      concatMap((event) => {
        const changed = change(event);
        return 'type' in changed ? of(changed) : from(changed);
      }),
    );
const ends = (change: object): Mistake =>
  events((event) => (event.type === 'generation-end' ? { ...event, ...change } : event));
const failures =
  (change: (failure: GenerationError) => Error): Mistake =>
  (generate) =>
  (request, connection) =>
    new Observable((subscriber) =>
      generate(request, connection).subscribe({
        next: (event) => subscriber.next(event),
        complete: () => subscriber.complete(),
        error: (error: GenerationError) => subscriber.error(change(error)),
      }),
    );
/** Ends well where it should fail. */
const endsAnyway =
  (isMeant: (failure: GenerationError) => boolean, unified: 'stop' | 'tool-calls' = 'stop'): Mistake =>
  (generate) =>
  (request, connection) =>
    new Observable((subscriber) =>
      generate(request, connection).subscribe({
        next: (event) => subscriber.next(event),
        complete: () => subscriber.complete(),
        error: (error: GenerationError) => {
          if (!isMeant(error)) {
            subscriber.error(error);
            return;
          }
          subscriber.next({
            type: 'generation-end',
            finishReason: { unified, raw: null },
            usage: { inputTokens: 0, outputTokens: 0, source: 'unmeasured' },
            servedFrom: 'provider',
            provider: 'x',
            model: 'm',
          });
          subscriber.complete();
        },
      }),
    );
const over =
  (change: (connection: Connection) => Connection): Mistake =>
  (generate) =>
  (request, connection) =>
    generate(request, change(connection));
const asked =
  (change: (request: GenerationRequest) => GenerationRequest): Mistake =>
  (generate) =>
  (request, connection) =>
    generate(change(request), connection);
const withoutContinuation = ({ continuation: _given, ...rest }: GenerationRequest): GenerationRequest => rest;
/** Every transport's answers, changed before the provider reads them. */
const answers = (
  change: (response: WireResponse, request: WireRequest) => WireResponse | Promise<WireResponse>,
): Mistake =>
  over((connection) => ({
    ...connection,
    open: async (request, signal) => change(await connection.open(request, signal), request),
  }));
const STRAY: GenerationEvent = { type: 'tool-call', index: 0, id: 'call_1', name: 'look_up', arguments: '{"word":' };
const decoder = (bytes: Uint8Array): Uint8Array => new TextEncoder().encode(new TextDecoder().decode(bytes));

async function* eachDecoded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const bytes of body) yield decoder(bytes);
}

const MISTAKES: readonly (readonly [what: string, promise: Promised, mistake: Mistake, complaint: RegExp])[] = [
  [
    'begins before anybody subscribes',
    'sends nothing before it is subscribed to, and one request for each subscription',
    (generate) => (request, connection) => {
      const kept = new ReplaySubject<GenerationEvent>();
      generate(request, connection).subscribe(kept);
      return kept;
    },
    /generate\(\) has sent 1 request\(s\) although nobody has subscribed/,
  ],
  [
    'shares one request among its subscribers',
    'sends nothing before it is subscribed to, and one request for each subscription',
    (generate) => (request, connection) =>
      generate(request, connection).pipe(
        share({ connector: () => new ReplaySubject(), resetOnComplete: false, resetOnRefCountZero: false }),
      ),
    /Two subscriptions, one after the other, have made 1 request\(s\) instead of 2/,
  ],
  [
    'asks twice',
    'sends nothing before it is subscribed to, and one request for each subscription',
    (generate) => (request, connection) =>
      generate(request, connection).pipe(mergeWith(generate(request, connection).pipe(ignoreElements()))),
    /One subscription has made 2 requests instead of 1/,
  ],
  [
    'hands over empty texts',
    'hands the text over in order and by the grammar of events',
    events((event) => (event.type === 'generation-end' ? [{ type: 'text-delta', delta: '' }, event] : event)),
    /grammar of events is broken: an empty text-delta/,
  ],
  [
    'loses text',
    'hands the text over in order and by the grammar of events',
    events((event) => (event.type === 'text-delta' && event.delta.includes('té') ? [] : event)),
    /The text is 'Once upon — .+' instead of 'Once upon — a té of/,
  ],
  [
    'names no reason',
    'hands the text over in order and by the grammar of events',
    ends({ finishReason: { unified: 'other', raw: null } }),
    /finish reason of an answer that is whole is 'other' instead of "stop"/,
  ],
  [
    'names another provider',
    'hands the text over in order and by the grammar of events',
    ends({ provider: 'else' }),
    /names the provider 'else' instead of 'openai-compatible'/,
  ],
  [
    'tells the monitor of no content',
    'hands the text over in order and by the grammar of events',
    over((connection) => ({ ...connection, monitor: { ...connection.monitor, onContent: () => undefined } })),
    /The monitor has heard of no content/,
  ],
  [
    'decodes each chunk by itself',
    'gives the same events however the bytes are split',
    over((connection) => ({
      ...connection,
      open: async (request, signal) => {
        const response = await connection.open(request, signal);
        return { ...response, body: eachDecoded(response.body) };
      },
    })),
    /Byte by byte the same answer gives other events: .+ instead of 'Once upon — a té of 日🌊\.'/,
  ],
  [
    'keeps the usage to itself',
    'tells the usage that the vendor reports',
    ends({ usage: { inputTokens: 0, outputTokens: 0, source: 'unmeasured' } }),
    /The usage is .+'unmeasured'.+ instead of 7 tokens in and 5 out/,
  ],
  [
    'hands tool calls over in fragments',
    'hands over every tool call whole, once',
    events((event) => (event.type === 'response-metadata' && event.toolCallsOpen === true ? [event, STRAY] : event)),
    /The tool calls are .+: each comes whole, once/,
  ],
  [
    'hands tool calls over twice',
    'hands over every tool call whole, once',
    events((event) => (event.type === 'tool-call' ? [event, event] : event)),
    /The tool calls are .+ instead of/,
  ],
  [
    'leaves missing arguments as they are',
    'mends tool calls without arguments, and takes promised calls that do not come for a failure',
    events((event) => (event.type === 'tool-call' ? { ...event, arguments: '' } : event)),
    /The arguments of one tool call without arguments are \[ '' \] instead of \[ '\{\}' \]/,
  ],
  [
    'drops calls without arguments',
    'mends tool calls without arguments, and takes promised calls that do not come for a failure',
    events((event) => (event.type === 'tool-call' ? [] : event)),
    /The arguments of one tool call without arguments are \[\] instead of/,
  ],
  [
    'believes a promise of tool calls',
    'mends tool calls without arguments, and takes promised calls that do not come for a failure',
    endsAnyway(({ code }) => code === 'malformed-answer', 'tool-calls'),
    /An answer that promises tool calls and has none has been passed off as a whole one/,
  ],
  [
    'knows no further reasons to end',
    'reads every reason to end, and keeps its word',
    events((event) =>
      event.type === 'generation-end' && event.finishReason.raw !== 'stop'
        ? { ...event, finishReason: { ...event.finishReason, unified: 'other' } }
        : event,
    ),
    /ended with "eos" is \{ unified: 'other', raw: 'eos' \} instead of \{ unified: 'stop', raw: 'eos' \}/,
  ],
  [
    'forgets the word for its reason to end',
    'reads every reason to end, and keeps its word',
    events((event) =>
      event.type === 'generation-end' ? { ...event, finishReason: { ...event.finishReason, raw: null } } : event,
    ),
    /ended with "eos" is \{ unified: 'stop', raw: null \}/,
  ],
  [
    'fails for a new reason to end',
    'reads every reason to end, and keeps its word',
    (generate) => (request, connection) =>
      generate(request, connection).pipe(
        switchMap((event) =>
          event.type === 'generation-end' && event.finishReason.unified === 'other'
            ? throwError(() => new GenerationError('malformed-answer', 'No such reason.'))
            : of(event),
        ),
      ),
    /A whole answer that ended with the reason "a_reason_of_tomorrow" has failed: No such reason\./,
  ],
  [
    'takes what it has of a body',
    'takes a body that breaks off for a failure',
    endsAnyway(({ code }) => code === 'truncated'),
    /A JSON answer that breaks off has been passed off as a whole one/,
  ],
  [
    'trusts the content type',
    'reads events whatever their content type says',
    answers((response) => {
      if (response.headers.get('content-type')?.startsWith('text/event-stream') === true) return response;
      throw new GenerationError('unexpected-content', 'That is no stream.');
    }),
    /Events that came as text\/plain; charset=utf-8 are not read: That is no stream\./,
  ],
  [
    'does not look for a wait in words',
    'reads a wait in the words of a refusal',
    failures(
      ({ code, retryable, message, status }) =>
        new GenerationError(code, message, { retryable, ...(status !== undefined && { status }) }),
    ),
    /a 429 that says "try again in 30s" has the retryAt undefined/,
  ],
  [
    'believes a good status',
    'takes an error with a good status for a failure',
    endsAnyway(() => true),
    /The body of an error with status 200 has been passed off as an answer/,
  ],
  [
    'keeps the reason in a good status to itself',
    'takes an error with a good status for a failure',
    failures(({ code }) => new GenerationError(code, 'It failed.', { retryable: true })),
    /The error of a body with status 200 keeps the vendor's reason to itself: 'It failed\.'/,
  ],
  [
    'says only that somebody failed',
    'shows the reason of the vendor behind the server',
    failures(({ code }) => new GenerationError(code, 'Provider returned error')),
    /The reason of the vendor behind the server is missing from the error: 'Provider returned error'/,
  ],
  [
    'sends halves of characters',
    'sends whole characters only',
    over((connection) => ({
      ...connection,
      open: (request, signal) =>
        connection.open({ ...request, body: request.body!.replaceAll('\ufffd', '\\ud83d') }, signal),
    })),
    /Half a surrogate pair went out as an escape/,
  ],
  [
    'takes the token cap for an end',
    'says when the token cap has ended an answer',
    ends({ finishReason: { unified: 'stop', raw: 'length' } }),
    /token cap has ended is 'stop' instead of "length"/,
  ],
  [
    'cuts a whole answer to pieces',
    'reads an answer that was not streamed as one text',
    events((event) =>
      event.type === 'text-delta' ? event.delta.split(/(?= )/).map((delta) => ({ ...event, delta })) : event,
    ),
    /in \d piece\(s\) instead of .+ in one/,
  ],
  [
    'takes the end of the bytes for the end of the answer',
    'takes a stream without its end for a failure',
    endsAnyway(({ code }) => code === 'truncated'),
    /A stream that was cut short has been passed off as a whole answer/,
  ],
  [
    'gives a cut stream up',
    'takes a stream without its end for a failure',
    failures(() => new GenerationError('truncated', 'cut')),
    /fails with truncated, not to be tried again/,
  ],
  [
    'ends with the connection',
    'fails when the connection breaks',
    endsAnyway(({ code }) => code === 'connection'),
    /whose connection broke has been passed off as a whole one/,
  ],
  [
    'ends without a word',
    'takes an answer without a word for a failure',
    endsAnyway(({ code }) => code === 'empty-answer'),
    /without a word has been passed off as a success/,
  ],
  [
    'calls every failure a server error',
    'turns failing statuses into codes that say whether to try again',
    failures(
      ({ message, status }) =>
        new GenerationError('server-error', message, { retryable: true, ...(status !== undefined && { status }) }),
    ),
    /A 400 is "server-error", to be tried again, instead of "bad-request", not to be tried again/,
  ],
  [
    'keeps the reason to itself',
    'turns failing statuses into codes that say whether to try again',
    failures(
      ({ code, retryable, status }) =>
        new GenerationError(code, 'It failed.', { retryable, ...(status !== undefined && { status }) }),
    ),
    /The error of a 400 keeps the vendor's reason to itself: 'It failed\.'/,
  ],
  [
    'loses the status',
    'turns failing statuses into codes that say whether to try again',
    failures(({ code, retryable, message }) => new GenerationError(code, message, { retryable })),
    /The error of a 400 has the status undefined/,
  ],
  [
    'fails with what is no GenerationError',
    'turns failing statuses into codes that say whether to try again',
    failures(({ message }) => new TypeError(message)),
    /failed with something else than a GenerationError/,
  ],
  [
    'forgets how long to wait',
    'tells when the server will have the request again',
    failures(
      ({ code, retryable, message, status }) =>
        new GenerationError(code, message, { retryable, ...(status !== undefined && { status }) }),
    ),
    /"retry-after: 30" has the retryAt undefined/,
  ],
  [
    'passes errors in a stream over',
    'heeds an error inside a good stream',
    endsAnyway(({ status }) => status === 503),
    /An error inside a good stream has been passed over/,
  ],
  [
    'tries again by itself',
    'retries nothing',
    (generate) => (request, connection) => generate(request, connection).pipe(retry(2)),
    /After a 503 the provider has sent 3 requests instead of 1/,
  ],
  [
    'leaves the socket open',
    'closes the socket of who leaves, and says nothing more',
    over((connection) => ({
      ...connection,
      open: (request) => connection.open(request, new AbortController().signal),
    })),
    /The socket of a subscriber who left before the status is still open after 1000 ms/,
  ],
  [
    'shows the key',
    'has the key in no error',
    failures(
      (error) =>
        new GenerationError(error.code, error.message, { cause: new Error('authorization: Bearer key-canary-4b1d') }),
    ),
    /The key is in the error of a 401: authentication/,
  ],
  [
    'leaves out what it is to go on from',
    'encodes a text to go on from, or refuses',
    asked(withoutContinuation),
    /told was to go on from a text \("instructed"\), which is not in the request/,
  ],
  [
    'instructs a model that takes a prefill',
    'encodes a text to go on from, or refuses',
    asked((request) =>
      request.continuation === undefined || request.model !== 'begun'
        ? request
        : { ...request, continuation: { ...request.continuation, byInstruction: true } },
    ),
    /begun was to go on from a text \("exact"\): the request lacks the anchor and has the instruction/,
  ],
];

describe('a provider with one mistake', () => {
  it.each(MISTAKES)('that %s fails the promise "%s"', async (...[, promise, mistake, complaint]) => {
    await expect(PROVIDER_PROMISES[promise](contract(mistaken(mistake)))).rejects.toThrow(complaint);
  });

  it('that cannot go on and asks all the same fails the promise to refuse', async () => {
    const make: ProviderContract['make'] = async ({ url, apiKey }) => {
      const provider = await sound(url, apiKey);
      return { id: provider.id, generate: provider.generate.bind(provider) };
    };
    await expect(PROVIDER_PROMISES['encodes a text to go on from, or refuses'](contract(make))).rejects.toThrow(
      /told cannot go on from a text \(capabilities\), but the request ended with success after 1 request\(s\) instead of cannot-continue/,
    );
  });

  it('that comes to no end is given up', async () => {
    const endless: Mistake = (generate) => (request, connection) =>
      generate(request, connection).pipe(
        switchMap((event) => (event.type === 'generation-end' ? new Observable<never>() : of(event))),
      );
    await expect(
      PROVIDER_PROMISES['says when the token cap has ended an answer'](contract(mistaken(endless))),
    ).rejects.toThrow('The provider has neither ended the stream nor failed after 4000 ms.');
  });

  it("breaks none of the others' promises: each mistake above is found by its own check", () => {
    expect(new Set(MISTAKES.map(([, promise]) => promise))).toEqual(new Set(Object.keys(PROVIDER_PROMISES)));
  });
});

describe('describeProvider', () => {
  const named: string[] = [];
  const runs: (() => Promise<void>)[] = [];
  const runner = {
    describe: (name: string, body: () => void) => {
      named.push(name);
      body();
    },
    it: (name: string, body: () => Promise<void>) => {
      named.push(name);
      runs.push(body);
    },
  };

  it('makes one test of each promise, by the runner it is given, and runs nothing itself', async () => {
    let made = 0;
    describeProvider(
      'mine',
      contract(({ url, apiKey }) => {
        made += 1;
        return sound(url, apiKey);
      }),
      runner,
    );
    expect(named).toEqual(['the provider mine', ...Object.keys(PROVIDER_PROMISES)]);
    expect(made).toBe(0);
    await runs[0]!();
    expect(made).toBe(1);
  });

  it('says what is missing where there is no test runner', () => {
    const globals = globalThis as { it?: unknown };
    const kept = globals.it;
    delete globals.it;
    try {
      expect(() =>
        describeProvider(
          'mine',
          contract(() => sound('http://127.0.0.1:1', 'k')),
        ),
      ).toThrow('There is no global describe and it; pass those of your test runner');
    } finally {
      globals.it = kept;
    }
  });

  it('leaves out what a vendor does not have, and takes its own meaning of a status', async () => {
    const { stream, streamError, errorBody } = chatDialect;
    const dialect = { stream, streamError, errorBody };
    const make: ProviderContract['make'] = ({ url, apiKey }) => sound(url, apiKey);
    await PROVIDER_PROMISES['reads an answer that was not streamed as one text']({ make, dialect });
    const statuses = { 418: { code: 'overloaded', retryable: true } } as const;
    await expect(
      PROVIDER_PROMISES['turns failing statuses into codes that say whether to try again']({
        make,
        dialect: { ...dialect, statuses },
      }),
    ).rejects.toThrow('A 418 is "bad-request", not to be tried again, instead of "overloaded", to be tried again,');
  });
});

describe('providerOf', () => {
  it('reads the configuration as a pipeline does', async () => {
    await expect(providerOf(openaiCompatible(), { baseURL: 'http://127.0.0.1:1' })).rejects.toThrow(
      'Did you mean "plugins.openai-compatible.baseUrl"?',
    );
    expect((await providerOf(openaiCompatible({ preset: 'groq' }), {}, { GROQ_API_KEY: 'k' })).id).toBe('groq');
  });

  it('refuses a plugin that adds no provider', async () => {
    await expect(providerOf({ ...openaiCompatible(), setup: () => undefined })).rejects.toThrow(
      'The plugin "openai-compatible" adds 0 providers; expected one.',
    );
  });
});
