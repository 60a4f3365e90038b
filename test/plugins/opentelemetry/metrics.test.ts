import { describe, expect, it } from '@jest/globals';
import { eventsOf, failureOf } from '../../support/pipelines.js';
import { aScene } from './observed.js';

const DURATION = 'gen_ai.client.operation.duration';
const FIRST_CHUNK = 'gen_ai.client.operation.time_to_first_chunk';
const PER_CHUNK = 'gen_ai.client.operation.time_per_output_chunk';
const TOKENS = 'gen_ai.client.token.usage';

/** What the emulator's answers are kept apart by. */
const SERIES = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openrouter',
  'gen_ai.request.model': 'a/model',
};

describe('the duration of operations', () => {
  it('is recorded once a generation, apart by how it ended', async () => {
    const { pipeline, emulator, receiver } = await aScene();
    emulator.script({ status: 503 }, undefined, { status: 401 });
    await pipeline.generate({ prompt: 'Begin.' });
    await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    await failureOf(pipeline.generate({ prompt: 'Begin.', signal: AbortSignal.abort() }));
    await failureOf(pipeline.generate({ prompt: 'Begin.', temperature: 9 }));
    const { requests } = pipeline.stats();
    await pipeline.dispose();
    const points = receiver.points(DURATION);
    expect(points.map(({ count, attributes }) => ({ count, error: attributes['error.type'] }))).toEqual([
      { count: 1, error: undefined },
      { count: 1, error: 'authentication' },
      { count: 1, error: 'aborted' },
      { count: 1, error: 'invalid-input' },
    ]);
    expect(points[0]?.attributes).toEqual({ ...SERIES, 'gen_ai.response.model': 'a/model' });
    expect(points[0]?.bounds).toEqual([
      0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
    ]);
    expect(points).toHaveLength(requests);
  });

  it('keeps answers from the cache apart', async () => {
    const { pipeline, emulator, receiver } = await aScene({ config: { cache: { enabled: true } } });
    for (let call = 0; call < 2; call += 1) await pipeline.generate({ prompt: 'Begin.', temperature: 0 });
    await pipeline.dispose();
    expect(emulator.requests).toHaveLength(1);
    expect(receiver.points(DURATION).map(({ attributes }) => attributes['scriptorium.served_from'])).toEqual([
      undefined,
      'cache',
    ]);
    expect(receiver.points(TOKENS).map(({ count }) => count)).toEqual([1, 1]);
  });
});

describe('the usage of tokens', () => {
  it('is the sum of what the vendor reported, failed attempts included', async () => {
    const { pipeline, emulator, receiver } = await aScene();
    emulator.script({ errorChunk: { afterDeltas: 4 }, withUsage: true });
    await pipeline.generate({
      prompt: 'Begin.',
      model: 'scriptorium/exact',
      overrides: { continuity: { onBreak: 'restart' } },
    });
    const { tokens } = pipeline.stats();
    await pipeline.dispose();
    const points = receiver.points(TOKENS);
    const sum = (type: string): number =>
      points
        .filter(({ attributes }) => attributes['gen_ai.token.type'] === type)
        .reduce((total, point) => total + point.sum, 0);
    expect([sum('input'), sum('output')]).toEqual([tokens.prompt, tokens.completion]);
    expect(emulator.requests).toHaveLength(2);
    expect(points[0]?.bounds.slice(0, 4)).toEqual([1, 4, 16, 64]);
  });

  it('leaves out what was only estimated', async () => {
    const { pipeline, emulator, receiver } = await aScene();
    emulator.script({ noUsage: true });
    const { usage } = await pipeline.generate({ prompt: 'Begin.' });
    await pipeline.dispose();
    expect(usage.source).toBe('estimated');
    expect(receiver.points(TOKENS)).toEqual([]);
  });

  it('has what the vendor says afterwards in the place of an estimate', async () => {
    const { pipeline, emulator, receiver } = await aScene({
      config: { continuity: { onBreak: 'fail', reconcile: true } },
    });
    emulator.script({ truncate: { afterDeltas: 5 } });
    await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    await pipeline.dispose();
    expect(receiver.points(TOKENS).map(({ sum }) => sum)).toEqual([
      emulator.requests[0]?.usage?.prompt_tokens,
      emulator.requests[0]?.usage?.completion_tokens,
    ]);
  });
});

describe('the times of chunks', () => {
  it('are those of a streamed answer: one to the first, and one for each that follows', async () => {
    const { pipeline, receiver } = await aScene();
    const deltas = (await eventsOf(pipeline)).filter(({ type }) => type === 'text-delta');
    await pipeline.dispose();
    expect(receiver.points(FIRST_CHUNK)).toMatchObject([{ count: 1, attributes: SERIES }]);
    expect(receiver.points(PER_CHUNK)).toMatchObject([{ count: deltas.length - 1, attributes: SERIES }]);
  });

  it('are not recorded for an answer that comes in one piece', async () => {
    const { pipeline, receiver } = await aScene();
    await pipeline.generate({ prompt: 'Begin.', wire: 'json' });
    await pipeline.dispose();
    expect(receiver.points(DURATION)).toHaveLength(1);
    expect([...receiver.points(FIRST_CHUNK), ...receiver.points(PER_CHUNK)]).toEqual([]);
    expect(receiver.spans().filter(({ attributes }) => 'gen_ai.response.time_to_first_chunk' in attributes)).toEqual(
      [],
    );
  });
});

describe('labels', () => {
  it('keep metrics apart where the configuration names them', async () => {
    const { pipeline, receiver } = await aScene({ options: { metricLabels: ['book'] } });
    for (const book of ['ada', 'eve']) await pipeline.generate({ prompt: 'Begin.', labels: { book, chapter: '3' } });
    await pipeline.dispose();
    expect(receiver.points(DURATION).map(({ attributes }) => attributes)).toEqual(
      ['ada', 'eve'].map((book) => ({ ...SERIES, 'gen_ai.response.model': 'a/model', 'scriptorium.label.book': book })),
    );
  });
});
