import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiError, GenerationError, InterruptedError } from 'scriptorium';
import type { GenerationInput } from 'scriptorium';
import { stateOf } from '../../../../src/core/state.js';
import { flushed } from '../../../support/flushed.js';
import type { Call } from '../../../../plugins/gateway/calls/call.js';
import { gatewayCalls, jobOf, Reading, REATTACH_MS } from './gateway-calls.js';
import type { Asking, GatewayCalls } from './gateway-calls.js';

let gateway: GatewayCalls;

beforeEach(async () => {
  gateway = await gatewayCalls();
});

afterEach(() => gateway.close());

const broken = (): InterruptedError =>
  new InterruptedError('The answer broke off.', {
    cause: new GenerationError('connection', 'The connection was reset.', { retryable: true }),
  });

/** A client that leaves after the first words. */
async function leaverOf(asking: Asking = {}, ...texts: readonly string[]): Promise<Reading> {
  const reading = gateway.ask(asking);
  gateway.opened.at(-1)?.write(...texts);
  await flushed();
  reading.call.abandon();
  return reading;
}

describe('a client without reattachMs', () => {
  it('cancels its generation in the turn in which it leaves', async () => {
    const { call } = gateway.ask({ reattachMs: 0 });
    gateway.opened[0]!.write('One. ');
    await flushed();
    call.abandon();
    expect(gateway.opened[0]!.isOpen).toBe(false);
  });

  it('learns the end of a generation that it has left', async () => {
    const reading = gateway.ask({ reattachMs: 0 });
    reading.call.abandon();
    await flushed();
    expect(reading.error?.code).toBe('aborted');
  });

  it('does not receive the generation of an earlier request', async () => {
    await leaverOf({ reattachMs: 0 }, 'One. ');
    const second = gateway.ask({ reattachMs: 0 });
    gateway.opened[1]!.write('Two.');
    gateway.opened[1]!.end();
    await flushed();
    expect({ text: second.text, isWhole: second.isWhole }).toEqual({ text: 'Two.', isWhole: true });
  });

  it('loses its generation with its key', async () => {
    const key = new AbortController();
    const reading = gateway.ask({ reattachMs: 0, signal: key.signal });
    key.abort();
    await flushed();
    expect({ isOpen: gateway.opened[0]!.isOpen, code: reading.error?.code }).toEqual({
      isOpen: false,
      code: 'aborted',
    });
  });
});

describe('a client that comes back', () => {
  it('receives its running generation from the start', async () => {
    await leaverOf({}, 'One. ', 'Two. ');
    gateway.opened[0]!.write('Three. ');
    const second = gateway.ask();
    gateway.opened[0]!.write('Four.');
    gateway.opened[0]!.end();
    await flushed();
    expect({ text: second.text, isWhole: second.isWhole, requests: gateway.opened.length }).toEqual({
      text: 'One. Two. Three. Four.',
      isWhole: true,
      requests: 1,
    });
  });

  it('receives its finished generation until reattachMs has passed', async () => {
    await leaverOf({}, 'One. ');
    gateway.opened[0]!.end();
    await flushed();
    gateway.clock.advance(REATTACH_MS - 1);
    const second = gateway.ask();
    await flushed();
    second.call.abandon();
    gateway.clock.advance(REATTACH_MS);
    const third = gateway.ask();
    await flushed();
    expect({ second: second.text, third: third.text, requests: gateway.opened.length }).toEqual({
      second: 'One. ',
      third: '',
      requests: 2,
    });
    third.call.abandon();
  });

  it('does not wait longer because its answer has come to its end meanwhile', async () => {
    await leaverOf({}, 'One. ');
    gateway.clock.advance(REATTACH_MS / 2);
    gateway.opened[0]!.end();
    await flushed();
    gateway.clock.advance(REATTACH_MS / 2);
    gateway.ask();
    expect({ requests: gateway.opened.length, timers: gateway.clock.pending }).toEqual({ requests: 2, timers: 0 });
  });

  it('finds nothing after reattachMs, and the generation is cancelled', async () => {
    await leaverOf({}, 'One. ');
    gateway.clock.advance(REATTACH_MS);
    expect({ isOpen: gateway.opened[0]!.isOpen, timers: gateway.clock.pending }).toEqual({ isOpen: false, timers: 0 });
  });

  it('may leave and come back again', async () => {
    await leaverOf({}, 'One. ');
    const second = gateway.ask();
    await flushed();
    second.call.abandon();
    const third = gateway.ask();
    gateway.opened[0]!.end();
    await flushed();
    expect({ text: third.text, isWhole: third.isWhole, requests: gateway.opened.length }).toEqual({
      text: 'One. ',
      isWhole: true,
      requests: 1,
    });
  });

  it('receives the oldest of its generations first', async () => {
    const first = gateway.ask();
    const second = gateway.ask();
    gateway.opened[0]!.write('First.');
    gateway.opened[1]!.write('Second.');
    await flushed();
    first.call.abandon();
    second.call.abandon();
    const [third, fourth] = [gateway.ask(), gateway.ask()];
    await flushed();
    expect({ third: third.text, fourth: fourth.text }).toEqual({ third: 'First.', fourth: 'Second.' });
  });

  it('is not given an answer that was delivered', async () => {
    const first = gateway.ask();
    gateway.opened[0]!.end();
    await flushed();
    first.call.delivered();
    first.call.abandon();
    gateway.ask();
    expect(gateway.opened.length).toBe(2);
  });

  it('is given an answer that came to its end and was not delivered', async () => {
    const first = gateway.ask();
    gateway.opened[0]!.write('One.');
    gateway.opened[0]!.end();
    await flushed();
    first.call.abandon();
    const second = gateway.ask();
    await flushed();
    expect({ text: second.text, requests: gateway.opened.length }).toEqual({ text: 'One.', requests: 1 });
  });

  it('lets its first connection learn the end of the generation, as the same object', async () => {
    const first = await leaverOf({}, 'One. ');
    const second = gateway.ask();
    gateway.opened[0]!.write('Two.');
    gateway.opened[0]!.end();
    await flushed();
    expect(first.events.map(({ type }) => type)).toEqual(['text-delta', 'generation-end']);
    expect(first.events.at(-1)).toBe(second.events.at(-1));
  });
});

describe('a generation is not shared', () => {
  it.each<[string, Asking]>([
    ['of another client with an equal body', { name: 'bob' }],
    ['with a changed temperature', { body: '{"prompt":"Write.","temperature":0.5}' }],
    ['to another path', { path: '/with/book=ada/v1/chat/completions' }],
    ['whose headers have changed its labels', { input: { prompt: 'Write.', labels: { book: 'ada' } } }],
    ...[
      { deadlineMs: 5_000 },
      { maxTokens: 7 },
      { headers: { 'http-referer': 'https://a.example' } },
      { overrides: { routes: 'cheapest' as const } },
      { overrides: { continuity: { targetWords: 9 } } },
      { overrides: { cache: { enabled: true } } },
    ].map((own): [string, Asking] => [
      `whose headers set ${Object.keys(own)[0]} to ${JSON.stringify(own)}`,
      { input: { prompt: 'Write.', ...own } },
    ]),
    ['with an Idempotency-Key', { idempotencyKey: 'k' }],
  ])('by a request %s', async (_, asking) => {
    await leaverOf({}, 'One. ');
    const second = gateway.ask(asking);
    await flushed();
    expect({ text: second.text, requests: gateway.opened.length }).toEqual({ text: '', requests: 2 });
  });

  it('by two live twins', async () => {
    const [first, second] = [gateway.ask({ idempotencyKey: 'k' }), gateway.ask({ idempotencyKey: 'k' })];
    gateway.opened[0]!.write('First.');
    gateway.opened[1]!.write('Second.');
    await flushed();
    expect({ first: first.text, second: second.text }).toEqual({ first: 'First.', second: 'Second.' });
  });

  it('by two clients that come back at once', async () => {
    await leaverOf({}, 'One. ');
    const [first, second] = [gateway.ask(), gateway.ask()];
    await flushed();
    expect({ first: first.text, second: second.text, requests: gateway.opened.length }).toEqual({
      first: 'One. ',
      second: '',
      requests: 2,
    });
  });

  it('after its key was revoked', async () => {
    const key = new AbortController();
    await leaverOf({ signal: key.signal }, 'One. ');
    gateway.opened[0]!.end();
    await flushed();
    key.abort();
    gateway.ask();
    expect(gateway.opened.length).toBe(2);
  });
});

describe('an Idempotency-Key', () => {
  it('finds its generation', async () => {
    await leaverOf({ idempotencyKey: 'k' }, 'One. ');
    const second = gateway.ask({ idempotencyKey: 'k' });
    await flushed();
    expect({ text: second.text, requests: gateway.opened.length }).toEqual({ text: 'One. ', requests: 1 });
  });

  it('with another body is refused with 422, until its generation is forgotten', async () => {
    await leaverOf({ idempotencyKey: 'k' }, 'One. ');
    const other = { idempotencyKey: 'k', body: '{"prompt":"Something else."}' };
    const second = gateway.ask(other);
    await flushed();
    expect({ code: second.error?.code, status: second.error?.status, requests: gateway.opened.length }).toEqual({
      code: 'invalid-input',
      status: 422,
      requests: 1,
    });
    gateway.clock.advance(REATTACH_MS);
    gateway.ask(other);
    expect(gateway.opened.length).toBe(2);
  });

  it('of another client is another one', async () => {
    await leaverOf({ idempotencyKey: 'k' }, 'One. ');
    const second = gateway.ask({ name: 'bob', idempotencyKey: 'k', body: '{}' });
    await flushed();
    expect({ error: second.error, requests: gateway.opened.length }).toEqual({ error: undefined, requests: 2 });
  });
});

describe('a generation that has broken off', () => {
  async function breakOff(asking: Asking = {}): Promise<Reading> {
    const reading = gateway.ask(asking);
    gateway.opened.at(-1)!.write('One. ', 'Two. ');
    gateway.opened.at(-1)!.fail(broken());
    await flushed();
    return reading;
  }

  it('is continued from its text when the request comes again, and the client has the whole text', async () => {
    const first = await breakOff();
    expect({ text: first.text, code: first.error?.code }).toEqual({ text: 'One. Two. ', code: 'interrupted' });
    const second = gateway.ask();
    gateway.opened[1]!.emit({
      type: 'continuation',
      segment: 2,
      reason: 'given',
      provider: 'openrouter',
      model: 'a/model',
    });
    gateway.opened[1]!.write('Three.');
    gateway.opened[1]!.end();
    await flushed();
    expect({ given: gateway.opened[1]!.request.continueFrom, text: second.text, isWhole: second.isWhole }).toEqual({
      given: 'One. Two. ',
      text: 'One. Two. Three.',
      isWhole: true,
    });
    expect(second.events.filter(({ type }) => type === 'continuation')).toMatchObject([{ reason: 'interrupted' }]);
  });

  it('is continued after a second break, too', async () => {
    await breakOff();
    gateway.ask();
    gateway.opened[1]!.write('Three. ');
    gateway.opened[1]!.fail(broken());
    await flushed();
    const third = gateway.ask();
    gateway.opened[2]!.write('Four.');
    gateway.opened[2]!.end();
    await flushed();
    expect({ given: gateway.opened[2]!.request.continueFrom, text: third.text }).toEqual({
      given: 'One. Two. Three. ',
      text: 'One. Two. Three. Four.',
    });
  });

  it('is continued by one of two requests that come at once', async () => {
    await breakOff();
    gateway.ask();
    gateway.ask();
    expect(gateway.opened.map(({ request }) => request.continueFrom)).toEqual([undefined, 'One. Two. ', undefined]);
  });

  it('is begun anew if its text cannot be continued', async () => {
    await breakOff();
    gateway.ask();
    gateway.opened[1]!.fail(new GenerationError('cannot-continue', 'The model cannot continue a text.'));
    await flushed();
    gateway.ask();
    expect(gateway.opened[2]!.request.continueFrom).toBeUndefined();
  });

  it('keeps its text if the request to continue it fails for another reason', async () => {
    await breakOff();
    gateway.ask();
    gateway.opened[1]!.fail(new ApiError('authentication', 'The key is wrong.', { status: 401 }));
    await flushed();
    gateway.ask();
    expect(gateway.opened[2]!.request.continueFrom).toBe('One. Two. ');
  });

  it('is forgotten after reattachMs', async () => {
    await breakOff();
    gateway.clock.advance(REATTACH_MS);
    gateway.ask();
    expect(gateway.opened[1]!.request.continueFrom).toBeUndefined();
  });

  it.each<[string, GenerationInput]>([
    ['tools', { prompt: 'Write.', tools: [{ name: 'look' }] }],
    ['a response format', { prompt: 'Write.', responseFormat: { type: 'json' } }],
    ["the vendor's own tools", { prompt: 'Write.', providerOptions: { openrouter: { tools: [{}] } } }],
    ['onBreak: fail', { prompt: 'Write.', overrides: { continuity: { onBreak: 'fail' } } }],
  ])('is begun anew with %s', async (_, input) => {
    await breakOff({ input });
    gateway.ask({ input });
    expect({ requests: gateway.opened.length, given: gateway.opened[1]!.request.continueFrom }).toEqual({
      requests: 2,
      given: undefined,
    });
  });
});

describe('a failure', () => {
  it.each([
    ['while its client was there', false],
    ['after its client had left', true],
  ])('that cannot be retried is answered again without asking, if it came %s', async (_, hasLeft) => {
    const first = gateway.ask();
    if (hasLeft) first.call.abandon();
    gateway.opened[0]!.fail(new ApiError('bad-request', 'The model does not exist.', { status: 400 }));
    await flushed();
    const [second, third] = [gateway.ask(), gateway.ask()];
    await flushed();
    expect({ second: second.error?.code, third: third.error?.code, requests: gateway.opened.length }).toEqual({
      second: 'bad-request',
      third: 'bad-request',
      requests: 1,
    });
    gateway.clock.advance(REATTACH_MS);
    gateway.ask();
    expect(gateway.opened.length).toBe(2);
  });

  it.each<[string, GenerationError]>([
    ['that may pass', new ApiError('overloaded', 'Busy.', { status: 503, retryable: true })],
    ['of a quota', new ApiError('quota', 'The day is used up.', { status: 429 })],
    ['of a budget', new GenerationError('budget', 'The day has no money left.')],
    ['of a timer', new GenerationError('timeout', 'The deadline has passed.')],
  ])('%s is tried anew', async (_, error) => {
    gateway.ask();
    gateway.opened[0]!.fail(error);
    await flushed();
    gateway.ask();
    expect(gateway.opened.length).toBe(2);
  });
});

describe('a restart', () => {
  const mayRestart = (request: GatewayCalls['opened'][number]['request']): unknown =>
    [...(request.context as unknown as { values: Map<{ name: string }, unknown> }).values].find(
      ([{ name }]) => name === 'may-restart',
    )?.[1];

  it('is allowed for whole answers, and never for streams', () => {
    gateway.ask({ isStream: true });
    gateway.ask({ isStream: false, body: '{}' });
    expect(gateway.opened.map(({ request }) => mayRestart(request))).toEqual(['never', 'always']);
  });

  it('of an interceptor does not reach a stream', async () => {
    const reading = gateway.ask();
    gateway.opened[0]!.emit({ type: 'restart', reason: 'connection' });
    gateway.opened[0]!.write('One. ');
    gateway.opened[0]!.emit({ type: 'restart', reason: 'connection' });
    await flushed();
    expect({ types: reading.events.map(({ type }) => type), code: reading.error?.code }).toEqual({
      types: ['text-delta'],
      code: 'internal',
    });
  });

  it('voids the text before it when a whole answer is read again', async () => {
    const first = gateway.ask({ isStream: false });
    gateway.opened[0]!.write('One. ');
    gateway.opened[0]!.emit({ type: 'restart', reason: 'connection' });
    gateway.opened[0]!.write('Two.');
    await flushed();
    first.call.abandon();
    gateway.opened[0]!.end();
    const second = gateway.ask({ isStream: false });
    await flushed();
    expect(second.text).toBe('Two.');
  });
});

describe('memory', () => {
  it('beyond the cap is taken from the generation that has waited longest', async () => {
    await gateway.close();
    gateway = await gatewayCalls({ mostBytes: 30_000 });
    await leaverOf({ body: 'a' }, 'a'.repeat(5_000));
    await leaverOf({ body: 'b' }, 'b'.repeat(5_000));
    const live = gateway.ask({ body: 'c' });
    gateway.opened[2]!.write('c'.repeat(5_000));
    await flushed();
    expect({
      isOpen: gateway.opened.map(({ isOpen }) => isOpen),
      timers: gateway.clock.pending,
      text: live.text.length,
      warnings: gateway.warnings.length,
    }).toEqual({ isOpen: [false, true, true], timers: 1, text: 5_000, warnings: 1 });
  });

  it('beyond the cap is taken from a record whose client still reads, if no other is left', async () => {
    await gateway.close();
    gateway = await gatewayCalls({ mostBytes: 8_000 });
    const live = gateway.ask();
    gateway.opened[0]!.write('a'.repeat(5_000));
    await flushed();
    gateway.opened[0]!.write('b'.repeat(5_000));
    await flushed();
    expect({ text: live.text.length, isOpen: gateway.opened[0]!.isOpen, warnings: gateway.warnings.length }).toEqual({
      text: 10_000,
      isOpen: true,
      warnings: 1,
    });
    live.call.abandon();
    expect(gateway.opened[0]!.isOpen).toBe(false);
  });

  it('is given back when a generation is forgotten or delivered', async () => {
    await gateway.close();
    gateway = await gatewayCalls({ mostBytes: 30_000 });
    for (let round = 0; round < 10; round += 1) {
      await leaverOf({}, 'a'.repeat(5_000));
      gateway.clock.advance(REATTACH_MS);
      const { call } = gateway.ask();
      gateway.opened.at(-1)!.write('b'.repeat(5_000));
      gateway.opened.at(-1)!.end();
      await flushed();
      call.delivered();
    }
    expect({ timers: gateway.clock.pending, warnings: gateway.warnings }).toEqual({ timers: 0, warnings: [] });
  });

  /** A call that nobody reads, whose vendor writes until it is paused. */
  async function unread(): Promise<{ readonly call: Call; readonly isPaused: () => boolean }> {
    const call = gateway.calls.open(jobOf());
    const { backpressure } = stateOf(gateway.opened[0]!.request);
    const piece = 'x'.repeat(512 * 1024);
    for (let count = 0; count < 12 && !backpressure.isPaused; count += 1) {
      gateway.opened[0]!.write(piece);
      await flushed();
    }
    expect(backpressure.isPaused).toBe(true);
    return { call, isPaused: () => backpressure.isPaused };
  }

  it('is bounded while a client does not read: the vendor waits beyond 4 MB, until it reads', async () => {
    const { call, isPaused } = await unread();
    const reading = new Reading(call);
    await flushed();
    gateway.opened[0]!.end();
    await flushed();
    expect({ isPaused: isPaused(), isWhole: reading.isWhole }).toEqual({ isPaused: false, isWhole: true });
  });

  it('is bounded while a client does not read, and the vendor goes on when it leaves', async () => {
    const { call, isPaused } = await unread();
    call.abandon();
    await flushed();
    expect(isPaused()).toBe(false);
  });
});

describe('a gateway that closes', () => {
  it('cancels the generations that no client waits for, and takes no new ones', async () => {
    await leaverOf({ body: 'left' }, 'One. ');
    const live = gateway.ask();
    gateway.calls.close();
    const late = gateway.ask();
    await flushed();
    expect({
      isOpen: gateway.opened.map(({ isOpen }) => isOpen),
      late: late.error?.code,
      timers: gateway.clock.pending,
    }).toEqual({ isOpen: [false, true], late: 'aborted', timers: 0 });
    gateway.opened[1]!.write('One.');
    gateway.opened[1]!.end();
    await flushed();
    expect(live.text).toBe('One.');
  });

  it('cancels a generation whose client leaves later', () => {
    const live = gateway.ask();
    gateway.calls.close();
    live.call.abandon();
    expect(gateway.opened[0]!.isOpen).toBe(false);
  });
});

describe('the owner of an answer', () => {
  it.each([0, REATTACH_MS])('is the client whose generation it was, with reattachMs %d', async (reattachMs) => {
    gateway.ask({ name: 'ada', reattachMs });
    gateway.opened[0]!.emit({ type: 'response-metadata', responseId: 'gen-1' });
    gateway.opened[0]!.end();
    await flushed();
    const { calls } = gateway;
    expect({
      ada: calls.isOwn({ name: 'ada' }, 'gen-1'),
      bob: calls.isOwn({ name: 'bob' }, 'gen-1'),
      other: calls.isOwn({ name: 'ada' }, 'gen-2'),
    }).toEqual({ ada: true, bob: false, other: false });
  });
});
