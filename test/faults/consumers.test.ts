import { config as rxjs, map } from 'rxjs';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { GenerationEvent } from 'scriptorium';
import { eventually } from '../support/eventually.js';
import { aScene } from '../support/scene.js';
import type { Step } from '../support/script-server.js';
import { answers, chunk, delta, goodStream, SSE_HEAD } from '../support/wire.js';

const GOOD = answers('Once ', 'upon ', 'a time.');
const HALF: readonly Step[] = [
  { request: true },
  { write: SSE_HEAD + chunk(delta('Once ') + delta('upon ')) },
  { stall: true },
];
const THOUSAND: readonly Step[] = [
  { request: true },
  { write: SSE_HEAD + chunk(Array.from({ length: 1_000 }, (_, index) => delta(`${index} `)).join('')) },
  { stall: true },
];
const PROMPT = { prompt: 'Begin.' };
const clumsy = (): never => {
  throw new Error('clumsy');
};

afterEach(() => {
  rxjs.onUnhandledError = null;
});

describe('a subscriber that leaves inside an event', () => {
  it('99: hears no more of the thousand events that came with it, and the socket is closed', async () => {
    const { pipeline, server, clock } = await aScene([THOUSAND]);
    const events: GenerationEvent[] = [];
    const subscription = pipeline.stream(PROMPT).subscribe((event) => {
      events.push(event);
      if (event.type === 'text-delta') subscription.unsubscribe();
    });
    await eventually(() => server.closes.length === 1);
    expect(events.map(({ type }) => type)).toEqual(['attempt-start', 'response-metadata', 'text-delta']);
    expect(clock.pending).toBe(0);
  });

  it('99: by leaving a loop is the same', async () => {
    const { pipeline, server, clock } = await aScene([THOUSAND]);
    let texts = 0;
    for await (const event of pipeline.iterate(PROMPT)) if (event.type === 'text-delta' && (texts += 1) === 3) break;
    await eventually(() => server.closes.length === 1 && clock.pending === 0);
    expect(texts).toBe(3);
  });
});

describe('a consumer that throws', () => {
  it('101: in a loop aborts the stream, releases all, and is heard once', async () => {
    const { pipeline, server, clock, sink } = await aScene([HALF]);
    const looping = (async () => {
      for await (const event of pipeline.iterate(PROMPT)) if (event.type === 'text-delta') clumsy();
    })();
    await expect(looping).rejects.toThrow('clumsy');
    await eventually(() => server.closes.length === 1 && clock.pending === 0);
    expect(sink.generations.map(({ outcome }) => outcome)).toEqual(['cancelled']);
  });

  it('101: in an operator of its own aborts the stream', async () => {
    const { pipeline, server, clock, sink } = await aScene([HALF]);
    const errors: unknown[] = [];
    pipeline
      .text(PROMPT)
      .pipe(map(clumsy))
      .subscribe({ error: (error) => errors.push(error) });
    await eventually(() => server.closes.length === 1 && clock.pending === 0);
    expect({ errors, outcomes: sink.generations.map(({ outcome }) => outcome) }).toEqual({
      errors: [new Error('clumsy')],
      outcomes: ['cancelled'],
    });
  });

  it('101: in the subscriber of a stream is reported globally by RxJS, and the call goes on to its end', async () => {
    const reported: unknown[] = [];
    rxjs.onUnhandledError = (error) => reported.push(error);
    const { pipeline, sink } = await aScene([GOOD]);
    let isOver = false;
    pipeline.text(PROMPT).subscribe({
      next: clumsy,
      complete: () => {
        isOver = true;
      },
    });
    await eventually(() => isOver && reported.length === 3);
    expect(sink.generations.map(({ outcome }) => outcome)).toEqual(['success']);
  });

  it('101: as one of several watchers of a run harms neither the run nor the others', async () => {
    const reported: unknown[] = [];
    rxjs.onUnhandledError = (error) => reported.push(error);
    const { pipeline } = await aScene([GOOD]);
    const run = pipeline.start(PROMPT);
    const seen: string[] = [];
    run.events.subscribe(clumsy);
    run.events.subscribe(({ type }) => seen.push(type));
    expect((await run.result).text).toBe('Once upon a time.');
    expect(seen.at(-1)).toBe('generation-end');
    await eventually(() => reported.length > 0);
  });
});

describe('a reader who is slow', () => {
  it('102: holds the socket back: the server gets rid of a few megabytes and no more', async () => {
    const { pipeline, server } = await aScene([
      [{ request: true }, { write: SSE_HEAD }, { flood: chunk(delta('The sea. '.repeat(7_000))) }],
    ]);
    const reading = pipeline.iterate(PROMPT);
    await reading.next();
    await eventually(() => server.sentBytes > 4_000_000);
    let before = -1;
    for (let look = 0; look < 20 && before !== server.sentBytes; look += 1) {
      before = server.sentBytes;
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    expect(server.sentBytes).toBe(before);
    expect(before).toBeLessThan(40_000_000);
    for (let step = 0; step < 500; step += 1) await reading.next();
    await eventually(() => server.sentBytes > before);
    await reading.return();
    await eventually(() => server.openSockets() === 0);
  });

  it('103: or never begins makes no request and leaves nothing behind', async () => {
    const { pipeline, server, clock, sink } = await aScene([
      [{ request: true }, { write: SSE_HEAD + chunk(goodStream('One.')) }],
    ]);
    const unread = pipeline.iterate(PROMPT);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect({ connections: server.connections, pending: clock.pending, stats: sink.stats }).toEqual({
      connections: 0,
      pending: 0,
      stats: [],
    });
    await unread.return();
    expect(server.connections).toBe(0);
  });

  it('103: or begins and never reads on is cut off by the deadline', async () => {
    const { pipeline, server } = await aScene([HALF]);
    const unread = pipeline.iterate({ ...PROMPT, deadlineMs: 60 });
    expect((await unread.next()).value).toMatchObject({ type: 'attempt-start' });
    await eventually(() => server.closes.length === 1);
    await unread.return();
  });
});
