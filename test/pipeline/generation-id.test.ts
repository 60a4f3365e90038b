import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, NEVER } from 'rxjs';
import type { ObservedEvent } from 'scriptorium';
import { MemorySink } from 'scriptorium/testing';
import { aPlugin } from '../plugins/a-plugin.js';
import { failureOf } from '../support/pipelines.js';
import { aStage } from './an-emulator.js';

const STALLED = { stall: { afterDeltas: 3 } } as const;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4/;

async function aRecordedStage() {
  const sink = new MemorySink();
  const plugin = aPlugin('memory', (host) => host.addStatSink(sink));
  const stage = await aStage({ plugins: [plugin] });
  return { ...stage, ids: () => sink.stats.map(({ type, generationId }) => `${type} ${generationId}`) };
}

describe("a generation's own id", () => {
  it('identifies its stats, its events and its error', async () => {
    const { pipeline, emulator, ids } = await aRecordedStage();
    const observed = new Set<string>();
    pipeline.generations$.subscribe(({ id }: ObservedEvent) => void observed.add(id));
    await pipeline.generate({ id: 'ada/chapter 1 – début', prompt: 'Begin.' });
    emulator.script({ status: 401 });
    const failure = await failureOf(pipeline.generate({ id: 'second', prompt: 'Begin.' }));
    expect({ failed: failure.generationId, observed: [...observed], stats: ids() }).toEqual({
      failed: 'second',
      observed: ['ada/chapter 1 – début', 'second'],
      stats: [
        'attempt-end ada/chapter 1 – début',
        'generation-end ada/chapter 1 – début',
        'attempt-end second',
        'generation-end second',
      ],
    });
  });

  it('is a random UUID by default', async () => {
    const { pipeline, ids } = await aRecordedStage();
    await pipeline.generate({ prompt: 'Begin.' });
    await pipeline.generate({ id: undefined, prompt: 'Begin.' });
    const [first, second] = ids()
      .filter((id) => id.startsWith('generation-end '))
      .map((id) => id.slice('generation-end '.length));
    expect(first).toMatch(UUID);
    expect(second).toMatch(UUID);
    expect(first).not.toBe(second);
  });

  it('is refused while another generation with it runs, and the refusal is counted under an id of its own', async () => {
    const { pipeline, emulator, ids } = await aRecordedStage();
    emulator.script(STALLED);
    const running = pipeline.start({ id: 'mine', prompt: 'Begin.' });
    const failure = await failureOf(pipeline.generate({ id: 'mine', prompt: 'Begin.' }));
    running.cancel();
    await running.result.catch(() => undefined);
    expect(failure).toMatchObject({
      code: 'invalid-input',
      message: 'A generation with the id "mine" is running in this pipeline. Use another id, or wait for its end.',
      generationId: expect.stringMatching(UUID),
    });
    expect(ids()[0]).toBe(`generation-end ${failure.generationId}`);
  });

  it('is free again after a success, a failure, a cancellation and an unsubscription', async () => {
    const { pipeline, emulator } = await aStage();
    const input = { id: 'mine', prompt: 'Begin.' };
    await pipeline.generate(input);
    emulator.script({ status: 401 });
    await failureOf(pipeline.generate(input));
    const run = pipeline.start(input);
    run.cancel();
    await failureOf(run.result);
    pipeline.stream(input).subscribe().unsubscribe();
    await expect(lastValueFrom(pipeline.stream(input))).resolves.toMatchObject({ type: 'generation-end' });
  });

  it('is free in another pipeline', async () => {
    const [first, second] = [
      await aStage({ interceptors: [{ name: 'silent', phase: 'observe', intercept: () => NEVER }] }),
      await aStage(),
    ];
    const input = { id: 'mine', prompt: 'Begin.' };
    const running = first.pipeline.stream(input).subscribe();
    const { finishReason } = await second.pipeline.generate(input);
    running.unsubscribe();
    expect(finishReason.unified).toBe('stop');
  });
});
