import { runInThisContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { AbortError, collect, InterruptedError, onlyText } from 'scriptorium';
import type { Observable } from 'rxjs';
import type { GenerationEvent, ObservedEvent, UsageSnapshot } from 'scriptorium';
import { startEmulator } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { failureOf, pipelineTo, textOf } from '../support/pipelines.js';
import { aStage } from './an-emulator.js';

const PROMPT = { prompt: 'Begin.' };
/** The tests' own `process` is a copy that hears nothing. */
const realProcess = () => runInThisContext('process') as NodeJS.Process;
const HALF = { stall: { afterDeltas: 3 } } as const;

describe('generate, stream, text and start', () => {
  it('bring the same text by every way', async () => {
    const { pipeline, emulator } = await aStage();
    const whole = emulator.textFor({ model: 'a/model', messages: [{ role: 'user', content: 'Begin.' }] });
    const events = await lastValueFrom(pipeline.stream(PROMPT).pipe(toArray()));
    const iterated: GenerationEvent[] = [];
    for await (const event of pipeline.iterate(PROMPT)) iterated.push(event);
    expect([
      (await pipeline.generate(PROMPT)).text,
      textOf(events),
      (await lastValueFrom(pipeline.text(PROMPT).pipe(toArray()))).join(''),
      (await pipeline.start(PROMPT).result).text,
      textOf(iterated),
      (await pipeline.generate({ ...PROMPT, wire: 'json' })).text,
      (await lastValueFrom(pipeline.stream(PROMPT).pipe(collect()))).text,
      (await lastValueFrom(pipeline.stream(PROMPT).pipe(onlyText(), toArray()))).join(''),
    ]).toEqual(Array.from({ length: 8 }, () => whole));
  });

  it('tell the whole story in the result', async () => {
    const { pipeline, emulator } = await aStage();
    emulator.script({ status: 503 });
    const result = await pipeline.generate({ ...PROMPT, reasoning: { effort: 'low' } });
    const [failed, served] = emulator.requests;
    expect(failed!.outcome).toBe('faulted');
    expect(result).toMatchObject({
      provider: 'openrouter',
      model: 'a/model',
      finishReason: { unified: 'stop' },
      servedFrom: 'provider',
      responseId: served!.id,
      toolCalls: [],
      usage: {
        inputTokens: served!.usage!.prompt_tokens,
        outputTokens: served!.usage!.completion_tokens,
        source: 'reported',
      },
      segments: [{ text: result.text, provider: 'openrouter', model: 'a/model' }],
    });
    expect(result.reasoning).not.toBe('');
    expect(result.attempts.map(({ attempt, outcome, errorCode }) => [attempt, outcome, errorCode])).toEqual([
      [1, 'error', 'overloaded'],
      [2, 'success', undefined],
    ]);
    expect(result.cost).toMatchObject({ known: served!.cost, unmeasuredAttempts: 1 });
  });

  it('are cold where an Observable is given: nothing is sent before subscription, and each subscription is a call', async () => {
    const { pipeline, emulator } = await aStage();
    const [events$, text$] = [pipeline.stream(PROMPT), pipeline.text(PROMPT)];
    const iterator = pipeline.iterate(PROMPT);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect([emulator.requests.length, pipeline.stats().requests]).toEqual([0, 0]);
    await lastValueFrom(events$);
    await lastValueFrom(events$);
    await lastValueFrom(text$);
    await iterator.return();
    expect([emulator.requests.length, pipeline.stats().requests]).toEqual([3, 3]);
  });

  it.each(['stream', 'text'] as const)(
    '%s is cancelled by unsubscribing: the socket closes and the generation counts as cancelled',
    async (way) => {
      const { pipeline, emulator } = await aStage({ emulator: { fault: () => HALF } });
      let seen = 0;
      const source: Observable<unknown> = pipeline[way](PROMPT);
      const subscription = source.subscribe(() => {
        seen += 1;
      });
      await eventually(() => seen > 2);
      subscription.unsubscribe();
      const before = seen;
      await eventually(() => emulator.requests[0]!.outcome === 'cancelled' && emulator.openSockets() === 0);
      expect(seen).toBe(before);
      expect(pipeline.stats()).toMatchObject({ requests: 1, cancelled: 1, failed: 0, successful: 0 });
    },
  );
});

describe('a text that the configured token cap cuts', () => {
  const capped = { defaults: { maxTokens: 10 }, plugins: { openrouter: { prefill: { 'a/model': 'exact' } } } } as const;

  it('is continued by text(), and handed over as it is by generate() and stream()', async () => {
    const { pipeline, emulator } = await aStage({ config: capped });
    const whole = emulator.textFor({ model: 'a/model', messages: [{ role: 'user', content: 'Begin.' }] });
    expect((await lastValueFrom(pipeline.text(PROMPT).pipe(toArray()))).join('')).toBe(whole);
    const continued = emulator.requests.length;
    expect(continued).toBeGreaterThan(2);
    const [first] = emulator.requests;
    expect(await pipeline.generate(PROMPT)).toMatchObject({ text: first!.text, finishReason: { unified: 'length' } });
    expect(textOf(await lastValueFrom(pipeline.stream(PROMPT).pipe(toArray())))).toBe(first!.text);
    expect(emulator.requests).toHaveLength(continued + 2);
  });

  it('fails by text() where the request says to stop there, or where no splice is allowed', async () => {
    const { pipeline, emulator } = await aStage({ config: capped });
    for (const continuity of [{ onLength: 'stop' }, { maxSegments: 0 }] as const) {
      const error = await failureOf(lastValueFrom(pipeline.text({ ...PROMPT, overrides: { continuity } })));
      expect(error).toBeInstanceOf(InterruptedError);
      expect(error.partial!.text).toBe(emulator.requests.at(-1)!.text);
    }
    expect(emulator.requests).toHaveLength(2);
  });
});

describe('start', () => {
  it('is one call for many watchers, who may come late and leave early', async () => {
    const { pipeline, emulator } = await aStage();
    const run = pipeline.start(PROMPT);
    const first = await firstValueFrom(run.events.pipe(take(1)));
    const result = await run.result;
    const late = await lastValueFrom(run.events.pipe(toArray()));
    expect(first).toEqual(late[0]);
    expect(textOf(late)).toBe(result.text);
    expect(emulator.requests).toHaveLength(1);
  });

  it('ends by cancel() with an AbortError that holds what had been written, and the socket closes', async () => {
    const { pipeline, emulator } = await aStage({ emulator: { fault: () => HALF } });
    const run = pipeline.start(PROMPT);
    await firstValueFrom(run.events.pipe(onlyText()));
    await eventually(() => emulator.requests[0]!.text !== '');
    run.cancel();
    const error = await failureOf(run.result);
    expect(error).toBeInstanceOf(AbortError);
    expect(emulator.requests[0]!.text.startsWith(error.partial!.text)).toBe(true);
    expect(error.attempts).toMatchObject([{ outcome: 'cancelled' }]);
    expect(await failureOf(lastValueFrom(run.events))).toBe(error);
    await eventually(() => emulator.openSockets() === 0);
    expect(pipeline.stats()).toMatchObject({ requests: 1, cancelled: 1 });
  });

  it("hears the caller's own signal as well", async () => {
    const { pipeline } = await aStage({ emulator: { fault: () => HALF } });
    const controller = new AbortController();
    const run = pipeline.start({ ...PROMPT, signal: controller.signal });
    await firstValueFrom(run.events.pipe(onlyText()));
    controller.abort();
    expect(await failureOf(run.result)).toBeInstanceOf(AbortError);
    const wrong = pipeline.start({ ...PROMPT, signal: {} as AbortSignal });
    expect((await failureOf(wrong.result)).message).toContain('signal');
  });

  it('never causes an unhandled rejection, whether or not anybody asks for the result', async () => {
    const { pipeline, emulator } = await aStage({ emulator: { fault: () => ({ status: 400 }) } });
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    const process = realProcess();
    process.on('unhandledRejection', note);
    try {
      pipeline.start(PROMPT);
      pipeline.start({});
      pipeline.start(PROMPT).cancel();
      await eventually(() => pipeline.stats().requests === 3 && emulator.requests.length > 0);
      await new Promise((resolve) => setTimeout(resolve, 10));
    } finally {
      process.off('unhandledRejection', note);
    }
    expect(unhandled).toEqual([]);
  });
});

describe('a signal', () => {
  it('that is already aborted sends nothing, and counts as cancelled', async () => {
    const { pipeline, emulator } = await aStage();
    const error = await failureOf(pipeline.generate({ ...PROMPT, signal: AbortSignal.abort('enough') }));
    expect(error).toBeInstanceOf(AbortError);
    expect([error.cause, emulator.requests.length, pipeline.stats().cancelled]).toEqual(['enough', 0, 1]);
  });

  it('ends iterate, with its text in the error', async () => {
    const { pipeline, emulator } = await aStage({ emulator: { fault: () => HALF } });
    const controller = new AbortController();
    const read = async (): Promise<void> => {
      for await (const event of pipeline.iterate({ ...PROMPT, signal: controller.signal }))
        if (event.type === 'text-delta') controller.abort();
    };
    const error = await failureOf(read());
    expect(error).toBeInstanceOf(AbortError);
    expect(error.partial!.text).not.toBe('');
    await eventually(() => emulator.openSockets() === 0);
  });

  it('that outlives many calls gathers no listeners', async () => {
    const { pipeline } = await aStage({ emulator: { words: 2 } });
    const controller = new AbortController();
    const warnings: Error[] = [];
    const process = realProcess();
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    for (let call = 0; call < 20; call += 1) await pipeline.start({ ...PROMPT, signal: controller.signal }).result;
    await Promise.all(Array.from({ length: 20 }, () => pipeline.generate({ ...PROMPT, signal: controller.signal })));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(warnings.map(({ name }) => name)).not.toContain('MaxListenersExceededWarning');
  });
});

describe('dispose', () => {
  it('aborts what is under way, by every way, and closes the sockets', async () => {
    const { pipeline, emulator } = await aStage({ emulator: { fault: () => HALF } });
    const events: GenerationEvent[] = [];
    const read = async (): Promise<void> => {
      for await (const event of pipeline.iterate(PROMPT)) events.push(event);
    };
    const works = [
      pipeline.generate(PROMPT),
      lastValueFrom(pipeline.stream(PROMPT)),
      pipeline.start(PROMPT).result,
      read(),
    ].map((work) => failureOf(work));
    await eventually(() => emulator.requests.length === 4 && emulator.requests.every(({ text }) => text !== ''));
    await pipeline.dispose();
    for (const error of await Promise.all(works))
      expect(error).toMatchObject({
        name: 'AbortError',
        message: 'The pipeline has been disposed. Create another one with createPipeline().',
      });
    await eventually(() => emulator.openSockets() === 0);
    expect(pipeline.stats()).toMatchObject({ requests: 4, cancelled: 4 });
  });

  it('lets every later call fail with AbortError, and sends nothing', async () => {
    const { pipeline, emulator } = await aStage();
    await pipeline.dispose();
    const calls = [
      pipeline.generate(PROMPT),
      lastValueFrom(pipeline.text(PROMPT)),
      pipeline.start(PROMPT).result,
      pipeline.iterate(PROMPT).next(),
      pipeline.models(),
      pipeline.key(),
    ];
    for (const call of calls) expect(await failureOf(call)).toBeInstanceOf(AbortError);
    expect([emulator.requests.length, emulator.openSockets()]).toEqual([0, 0]);
  });

  it('ends a look-up that is under way', async () => {
    const { pipeline } = await aStage();
    const work = failureOf(pipeline.models());
    await pipeline.dispose();
    expect(await work).toBeInstanceOf(AbortError);
  });

  it('is what `await using` calls', async () => {
    const emulator = await startEmulator();
    {
      await using pipeline = await pipelineTo(emulator.url);
      await pipeline.generate({ ...PROMPT, maxTokens: 3 });
      expect(emulator.openSockets()).toBe(1);
    }
    await eventually(() => emulator.openSockets() === 0);
    await emulator.close();
  });
});

describe('what a pipeline tells of all its generations', () => {
  it('generations$ shows the events of all, each with its id and labels, from now on, until dispose', async () => {
    const { pipeline } = await aStage({ emulator: { words: 3 } });
    await pipeline.generate(PROMPT);
    const seen: ObservedEvent[] = [];
    let isComplete = false;
    const subscription = pipeline.generations$.subscribe({
      next: (event) => seen.push(event),
      complete: () => {
        isComplete = true;
      },
    });
    await Promise.all(['1', '2'].map((chapter) => pipeline.generate({ ...PROMPT, labels: { chapter } })));
    for (const chapter of ['1', '2']) {
      const own = seen.filter(({ labels }) => labels.chapter === chapter);
      expect(new Set(own.map(({ id }) => id)).size).toBe(1);
      expect([own[0]!.event.type, own.at(-1)!.event.type]).toEqual(['attempt-start', 'generation-end']);
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(2);
    await pipeline.dispose();
    expect([isComplete, subscription.closed]).toEqual([true, true]);
  });

  it('stats$ gives the present totals, then those after every generation, until dispose', async () => {
    const { pipeline, emulator } = await aStage({ emulator: { words: 3 } });
    await pipeline.generate(PROMPT);
    const seen: UsageSnapshot[] = [];
    let isComplete = false;
    pipeline.stats$.subscribe({
      next: (stats) => seen.push(stats),
      complete: () => {
        isComplete = true;
      },
    });
    emulator.script({ status: 400 });
    await failureOf(pipeline.generate(PROMPT));
    await pipeline.generate(PROMPT);
    expect(seen.map(({ requests, successful, failed }) => [requests, successful, failed])).toEqual([
      [1, 1, 0],
      [2, 1, 1],
      [3, 2, 1],
    ]);
    await pipeline.dispose();
    expect(isComplete).toBe(true);
  });

  it('resetStats begins anew, with a new start time', async () => {
    const { pipeline, emulator } = await aStage({ emulator: { words: 3 } });
    emulator.script(undefined, { status: 400 });
    await pipeline.generate({ ...PROMPT, labels: { book: 'ada' } });
    await failureOf(pipeline.generate(PROMPT));
    const before = pipeline.stats();
    await new Promise((resolve) => setTimeout(resolve, 2));
    pipeline.resetStats();
    const after = pipeline.stats();
    expect(after).toMatchObject({
      requests: 0,
      attempts: 0,
      tokens: { total: 0 },
      byModel: {},
      byLabel: {},
      recentErrors: [],
      latencyMs: { count: 0 },
    });
    expect(Date.parse(after.startTime)).toBeGreaterThan(Date.parse(before.startTime));
    expect(before.requests).toBe(2);
  });
});
