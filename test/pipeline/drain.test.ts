import { describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import { createPipeline } from 'scriptorium';
import type { GenerationEvent, Pipeline, PipelineOptions } from 'scriptorium';
import { CLOCK } from '../../src/assembly/tokens.js';
import { ManualClock } from 'scriptorium/testing';
import { aPlugin } from '../plugins/a-plugin.js';
import { anEnd } from '../chain/chain.js';
import { eventually } from '../support/eventually.js';
import { failureOf } from '../support/pipelines.js';

const INPUT = { prompt: 'Begin.' };

/** A pipeline on a manual clock, whose provider answers when the test says so. */
async function scene(options: PipelineOptions = {}) {
  const clock = new ManualClock();
  const answers: Subject<GenerationEvent>[] = [];
  let isClosed = false;
  const pipeline: Pipeline = await createPipeline({
    environment: {},
    config: { logging: { level: 'silent' }, defaults: { model: 'a-model' }, retry: { maxAttempts: 1 } },
    register: (container) => container.register(CLOCK, { useValue: clock }),
    ...options,
    plugins: [
      aPlugin('fake', (host) => {
        host.addProvider({
          id: 'fake',
          generate: () => {
            const answer = new Subject<GenerationEvent>();
            answers.push(answer);
            return answer;
          },
        });
        host.onDispose(() => {
          isClosed = true;
        });
      }),
    ],
  });
  const finish = (index: number, text = 'Once'): void => {
    answers[index]!.next({ type: 'text-delta', delta: text });
    answers[index]!.next(anEnd());
    answers[index]!.complete();
  };
  return { clock, pipeline, answers, finish, isClosed: () => isClosed };
}

/** Lets all promises settle that wait for nothing but each other. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('draining a pipeline', () => {
  it('lets running generations finish, then disposes at once and leaves no timer', async () => {
    const { clock, pipeline, finish, isClosed } = await scene();
    const running = [pipeline.generate(INPUT), pipeline.generate(INPUT)];
    const drained = pipeline.drain(10_000);
    finish(0);
    await settled();
    expect(isClosed()).toBe(false);
    finish(1, 'Twice');
    expect(await drained).toEqual({ finished: 2, aborted: 0 });
    expect((await Promise.all(running)).map(({ text }) => text)).toEqual(['Once', 'Twice']);
    expect({ isClosed: isClosed(), pending: clock.pending }).toEqual({ isClosed: true, pending: 0 });
  });

  it('aborts what is left when the time is up', async () => {
    const { clock, pipeline, finish, answers, isClosed } = await scene();
    const [first, second] = [pipeline.generate(INPUT), failureOf(pipeline.generate(INPUT))];
    const drained = pipeline.drain(10_000);
    finish(0);
    await first;
    clock.advance(9_999);
    await settled();
    expect(isClosed()).toBe(false);
    clock.advance(1);
    expect(await drained).toEqual({ finished: 1, aborted: 1 });
    expect(await second).toMatchObject({ code: 'aborted', message: expect.stringContaining('disposed') });
    expect(answers[1]!.observed).toBe(false);
  });

  it('takes no new work, whichever way it comes', async () => {
    const { pipeline, finish, answers } = await scene();
    const running = pipeline.generate(INPUT);
    const cold = pipeline.stream(INPUT);
    const drained = pipeline.drain(10_000);
    const refused = [
      pipeline.generate(INPUT),
      cold.forEach(() => undefined),
      pipeline.text(INPUT).forEach(() => undefined),
      pipeline.start(INPUT).result,
      pipeline.iterate(INPUT).next(),
      pipeline.generateObject({ ...INPUT, schema: { type: 'object' } }),
      pipeline.models(),
    ];
    for (const call of refused)
      expect(await failureOf(call)).toMatchObject({
        code: 'aborted',
        message: 'The pipeline is draining and takes no new work. Create another one with createPipeline().',
      });
    expect(answers).toHaveLength(1);
    finish(0);
    await running;
    expect(await drained).toEqual({ finished: 1, aborted: 0 });
  });

  it('waits for the second round of an object that it began before', async () => {
    const { pipeline, finish, answers } = await scene();
    const object = pipeline.generateObject({ ...INPUT, schema: { type: 'object', required: ['title'] } });
    await eventually(() => answers.length === 1);
    const drained = pipeline.drain(10_000);
    finish(0, '{}');
    await eventually(() => answers.length === 2);
    finish(1, '{"title": "Ada"}');
    expect((await object).object).toEqual({ title: 'Ada' });
    expect(await drained).toEqual({ finished: 2, aborted: 0 });
  });

  it('ends at once where nothing runs, and with no time to wait', async () => {
    const idle = await scene();
    expect(await idle.pipeline.drain(10_000)).toEqual({ finished: 0, aborted: 0 });
    const busy = await scene();
    const running = failureOf(busy.pipeline.generate(INPUT));
    const drained = busy.pipeline.drain(0);
    busy.clock.advance(0);
    expect(await drained).toEqual({ finished: 0, aborted: 1 });
    expect(await running).toMatchObject({ code: 'aborted' });
  });

  it('changes nothing when it is called again, and is ended by dispose()', async () => {
    const { pipeline, clock } = await scene();
    const running = failureOf(pipeline.generate(INPUT));
    const [first, second] = [pipeline.drain(10_000), pipeline.drain(5)];
    clock.advance(5);
    await settled();
    await pipeline.dispose();
    expect(await Promise.all([first, second, pipeline.drain(1)])).toEqual([
      { finished: 0, aborted: 1 },
      { finished: 0, aborted: 1 },
      { finished: 0, aborted: 1 },
    ]);
    expect({ code: (await running).code, pending: clock.pending }).toEqual({ code: 'aborted', pending: 0 });
  });

  it('after dispose() has nothing to wait for', async () => {
    const { pipeline } = await scene();
    await pipeline.dispose();
    expect(await pipeline.drain(10_000)).toEqual({ finished: 0, aborted: 0 });
  });

  it.each([-1, NaN, Infinity, 2 ** 31])('refuses %p as a time, and goes on working', async (ms) => {
    const { pipeline, finish } = await scene();
    expect(await failureOf(pipeline.drain(ms))).toMatchObject({ code: 'invalid-input' });
    const running = pipeline.generate(INPUT);
    finish(0);
    expect((await running).text).toBe('Once');
    await pipeline.dispose();
  });
});
