import { describe, expect, it } from '@jest/globals';
import {
  bufferCount,
  concatMap,
  filter,
  from,
  lastValueFrom,
  map,
  mergeMap,
  scan,
  shareReplay,
  Subject,
  takeUntil,
  timer,
  toArray,
} from 'rxjs';
import { collect, InterruptedError, onlyText, RetryExhaustedError } from 'scriptorium';
import { eventually } from '../support/eventually.js';
import { failureOf, textOf } from '../support/pipelines.js';
import { aStage } from '../pipeline/an-emulator.js';

const PROMPT = { prompt: 'Begin.' };

describe('composition with RxJS', () => {
  it('mergeMap writes several chapters at a time, each with its label', async () => {
    const { pipeline, emulator } = await aStage({ emulator: { words: 20, fault: () => ({ delayMs: 5 }) } });
    let running = 0;
    let most = 0;
    const chapters = await lastValueFrom(
      from([1, 2, 3, 4, 5, 6, 7]).pipe(
        mergeMap((chapter) => {
          most = Math.max(most, (running += 1));
          return pipeline.stream({ prompt: `Write chapter ${chapter}.`, labels: { chapter: String(chapter) } }).pipe(
            collect(),
            map(({ text }) => {
              running -= 1;
              return { chapter, text };
            }),
          );
        }, 3),
        toArray(),
      ),
    );
    expect(most).toBe(3);
    expect(emulator.requests).toHaveLength(7);
    expect(new Set(chapters.map(({ chapter }) => chapter)).size).toBe(7);
    expect(Object.values(pipeline.stats().byLabel.chapter!).map(({ successful }) => successful)).toEqual([
      1, 1, 1, 1, 1, 1, 1,
    ]);
  });

  it('concatMap passes the outline to a chapter', async () => {
    const { pipeline, emulator } = await aStage({ emulator: { words: 10 } });
    const outline$ = pipeline.stream({ prompt: 'Write an outline.' }).pipe(collect());
    await lastValueFrom(
      outline$.pipe(
        concatMap(({ text }) =>
          pipeline.text({
            messages: [
              { role: 'user', content: text },
              { role: 'user', content: 'Write it.' },
            ],
          }),
        ),
      ),
    );
    expect(emulator.requests[1]!.body).toMatchObject({
      messages: [{ content: emulator.requests[0]!.text }, { content: 'Write it.' }],
    });
  });

  it('takeUntil cancels the call', async () => {
    const { pipeline, emulator } = await aStage({ emulator: { fault: () => ({ stall: { afterDeltas: 3 } }) } });
    const stop = new Subject<void>();
    const pieces: string[] = [];
    const work = lastValueFrom(pipeline.text(PROMPT).pipe(takeUntil(stop), toArray()));
    const watching = pipeline
      .text(PROMPT)
      .pipe(takeUntil(stop))
      .subscribe((piece) => pieces.push(piece));
    await eventually(() => pieces.length > 2);
    stop.next();
    expect((await work).length).toBeGreaterThan(0);
    expect(watching.closed).toBe(true);
    await eventually(() => emulator.openSockets() === 0);
    expect(pipeline.stats()).toMatchObject({ cancelled: 2, successful: 0 });
  });

  it("the user's shareReplay makes one call of many subscriptions; without it each is its own", async () => {
    const { pipeline, emulator } = await aStage();
    const shared$ = pipeline.text(PROMPT).pipe(shareReplay());
    const texts = await Promise.all([1, 2, 3].map(() => lastValueFrom(shared$.pipe(toArray()))));
    expect(new Set(texts.map((pieces) => pieces.join(''))).size).toBe(1);
    expect(emulator.requests).toHaveLength(1);
    await Promise.all([1, 2, 3].map(() => lastValueFrom(pipeline.text(PROMPT))));
    expect(emulator.requests).toHaveLength(4);
  });

  it('progress can be counted while the text streams', async () => {
    const { pipeline } = await aStage();
    const counts = await lastValueFrom(
      pipeline.stream(PROMPT).pipe(
        onlyText(),
        scan((characters, piece) => characters + piece.length, 0),
        bufferCount(5),
        toArray(),
      ),
    );
    const { text } = await pipeline.generate(PROMPT);
    expect(counts.flat().at(-1)).toBe(text.length);
  });

  it("an operator of the user's that throws cancels the call", async () => {
    const { pipeline, emulator } = await aStage({ emulator: { fault: () => ({ stall: { afterDeltas: 2 } }) } });
    await expect(
      lastValueFrom(
        pipeline.text(PROMPT).pipe(
          map(() => {
            throw new Error('mine');
          }),
        ),
      ),
    ).rejects.toThrow('mine');
    await eventually(() => emulator.openSockets() === 0);
    expect(pipeline.stats().cancelled).toBe(1);
  });

  it('a timer may end it', async () => {
    const { pipeline, emulator } = await aStage({ emulator: { fault: () => ({ stall: 'before-headers' }) } });
    expect(await lastValueFrom(pipeline.text(PROMPT).pipe(takeUntil(timer(20)), toArray()))).toEqual([]);
    await eventually(() => emulator.openSockets() === 0);
  });
});

describe('the report of a failure', () => {
  it('contains every attempt, the generation, and the last cause', async () => {
    const { pipeline, emulator } = await aStage();
    emulator.script({ status: 503 }, { reset: 'after-headers' }, { empty: true }, { status: 500 });
    const error = await failureOf(pipeline.generate(PROMPT));
    expect(error).toBeInstanceOf(RetryExhaustedError);
    expect(error).toMatchObject({ code: 'retry-exhausted', status: 500, cause: { code: 'server-error', status: 500 } });
    expect(error.generationId).toMatch(/^[0-9a-f-]{36}$/);
    expect(
      error.attempts.map(({ attempt, outcome, errorCode, status, sent }) => ({
        attempt,
        outcome,
        errorCode,
        status,
        sent,
      })),
    ).toEqual([
      { attempt: 1, outcome: 'error', errorCode: 'overloaded', status: 503, sent: true },
      { attempt: 2, outcome: 'error', errorCode: 'connection', status: undefined, sent: true },
      { attempt: 3, outcome: 'error', errorCode: 'empty-answer', status: undefined, sent: true },
      { attempt: 4, outcome: 'error', errorCode: 'server-error', status: 500, sent: true },
    ]);
    expect(error.partial).toBeUndefined();
    expect(pipeline.stats().recentErrors.at(-1)).toMatchObject({
      generationId: error.generationId,
      code: 'retry-exhausted',
      message: error.message,
    });
  });

  it('contains the delivered text and its cost', async () => {
    const { pipeline, emulator } = await aStage();
    emulator.script({ status: 503 }, { errorChunk: { afterDeltas: 4 }, withUsage: true });
    const events: string[] = [];
    const error = await failureOf(
      lastValueFrom(
        pipeline.stream({ ...PROMPT, overrides: { continuity: { onBreak: 'fail' } } }).pipe(
          filter((event) => {
            events.push(textOf([event]));
            return true;
          }),
        ),
      ),
    );
    const served = emulator.requests[1]!;
    expect(error).toBeInstanceOf(InterruptedError);
    expect(error.partial!.text).toBe(events.join(''));
    expect(error.partial!.text).toBe(served.text);
    expect(error.partial!.usage).toMatchObject({ outputTokens: served.usage!.completion_tokens, costUsd: served.cost });
    expect(error.attempts).toHaveLength(2);
  });

  it('contains the text of all segments if it broke off too often', async () => {
    const config = {
      continuity: { maxSegments: 1 },
      plugins: { openrouter: { prefill: { 'a/model': 'exact' } } },
    } as const;
    const { pipeline, emulator } = await aStage({ config });
    const whole = emulator.textFor({ model: 'a/model', messages: [{ role: 'user', content: 'Begin.' }] });
    emulator.script(
      { errorChunk: { afterDeltas: 4 }, withUsage: true },
      { errorChunk: { afterDeltas: 5 }, withUsage: true },
    );
    const error = await failureOf(pipeline.generate(PROMPT));
    const [one, two] = emulator.requests;
    expect(error).toBeInstanceOf(InterruptedError);
    expect(error.message).toContain('continuity.maxSegments');
    expect(error.partial!.text).toBe(one!.text + two!.text);
    expect(whole.startsWith(error.partial!.text)).toBe(true);
    expect(error.partial!.usage.outputTokens).toBe(one!.usage!.completion_tokens + two!.usage!.completion_tokens);
    expect(error.attempts).toMatchObject([{ outcome: 'error' }, { outcome: 'error' }]);
  });

  it('becomes part of the result if the text was resumed: every attempt and segment', async () => {
    const { pipeline, emulator } = await aStage();
    const whole = emulator.textFor({ model: 'a/model', messages: [{ role: 'user', content: 'Begin.' }] });
    emulator.script({ status: 503 }, { errorChunk: { afterDeltas: 4 }, withUsage: true });
    const { text, segments, attempts, usage } = await pipeline.generate(PROMPT);
    expect({ text, joined: segments.map((segment) => segment.text) }).toEqual({
      text: whole,
      joined: [emulator.requests[1]!.text, whole.slice(emulator.requests[1]!.text.length)],
    });
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['error', 'error', 'success']);
    expect(usage.outputTokens).toBe(
      emulator.requests.slice(1).reduce((sum, request) => sum + request.usage!.completion_tokens, 0),
    );
  });

  it('is the same error by every way', async () => {
    const { pipeline } = await aStage({ emulator: { fault: () => ({ status: 404 }) } });
    const errors = await Promise.all(
      [pipeline.generate(PROMPT), lastValueFrom(pipeline.text(PROMPT)), pipeline.start(PROMPT).result].map((work) =>
        failureOf(work),
      ),
    );
    expect(new Set(errors.map(({ code, message }) => `${code}: ${message}`)).size).toBe(1);
    expect(new Set(errors.map(({ generationId }) => generationId)).size).toBe(3);
  });
});
