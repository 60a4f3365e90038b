import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, take } from 'rxjs';
import type { InterceptorDefinition } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { eventually } from '../../support/eventually.js';
import { failureOf } from '../../support/pipelines.js';
import { aScene, spansOf } from './observed.js';

/** As the conventions number them on the wire. */
const [CLIENT, FAILED] = [3, 2];

describe('the span of a generation', () => {
  it('says what was asked for and what came of it, with the attempt inside of it', async () => {
    const scene = await aScene({ options: { serviceName: 'bookgen' } });
    const result = await scene.pipeline.generate({
      prompt: 'Begin.',
      maxTokens: 500,
      temperature: 0,
      labels: { book: 'ada' },
    });
    const {
      generations: [generation],
      attempts: [attempt],
    } = await spansOf(scene);
    expect(generation).toMatchObject({ name: 'chat a/model', kind: CLIENT, parentSpanId: undefined });
    expect(generation?.status ?? 0).toBe(0);
    expect(generation?.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openrouter',
      'gen_ai.request.model': 'a/model',
      'gen_ai.request.stream': true,
      'gen_ai.request.max_tokens': 500,
      'gen_ai.request.temperature': 0,
      'gen_ai.request.top_p': 0.9,
      'gen_ai.response.model': result.model,
      'gen_ai.response.id': result.responseId,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.response.time_to_first_chunk': expect.any(Number),
      'gen_ai.usage.input_tokens': result.usage.inputTokens,
      'gen_ai.usage.output_tokens': result.usage.outputTokens,
      'gen_ai.usage.cache_read.input_tokens': 0,
      'gen_ai.usage.cache_creation.input_tokens': 0,
      'gen_ai.usage.reasoning.output_tokens': 0,
      'scriptorium.usage.source': 'reported',
      'scriptorium.cost.usd': result.usage.costUsd,
      'scriptorium.outcome': 'success',
      'scriptorium.attempts': 1,
      'scriptorium.served_from': 'provider',
      'scriptorium.generation.id': expect.any(String),
      'scriptorium.label.book': 'ada',
    });
    expect(attempt).toMatchObject({
      name: 'attempt a/model',
      kind: CLIENT,
      traceId: generation?.traceId,
      parentSpanId: generation?.spanId,
    });
    expect(attempt?.attributes).toMatchObject({
      'scriptorium.attempt': 1,
      'gen_ai.response.id': result.responseId,
      'gen_ai.usage.output_tokens': result.usage.outputTokens,
      'scriptorium.outcome': 'success',
    });
    // Who sums up over the operation's name counts every token once.
    expect(attempt?.attributes).not.toHaveProperty(['gen_ai.operation.name']);
    expect(scene.receiver.services()).toEqual(['bookgen']);
  });

  it('holds the span of every attempt, and each request carries the name of its own', async () => {
    const scene = await aScene();
    scene.emulator.script({ status: 503 });
    await scene.pipeline.generate({ prompt: 'Begin.' });
    const { generations, attempts } = await spansOf(scene);
    expect(generations).toHaveLength(1);
    expect(attempts.map(({ parentSpanId, traceId }) => ({ parentSpanId, traceId }))).toEqual(
      Array(2).fill({ parentSpanId: generations[0]?.spanId, traceId: generations[0]?.traceId }),
    );
    expect(attempts[0]).toMatchObject({
      status: FAILED,
      attributes: {
        'scriptorium.attempt': 1,
        'error.type': 'overloaded',
        'http.response.status_code': 503,
        'scriptorium.outcome': 'error',
      },
    });
    expect(attempts[1]).toMatchObject({ attributes: { 'scriptorium.attempt': 2, 'scriptorium.outcome': 'success' } });
    expect(generations[0]?.attributes).toMatchObject({ 'scriptorium.attempts': 2, 'scriptorium.outcome': 'success' });
    expect(generations[0]?.attributes).not.toHaveProperty(['error.type']);
    expect(scene.emulator.requests.map(({ headers }) => headers.traceparent)).toEqual(
      attempts.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`),
    );
  });

  it('holds the attempts that went on with a text that broke off', async () => {
    const scene = await aScene();
    scene.emulator.script({ truncate: { afterDeltas: 5 } });
    const { usage } = await scene.pipeline.generate({ prompt: 'Begin.', model: 'scriptorium/exact' });
    const { generations, attempts } = await spansOf(scene);
    expect(attempts.map(({ attributes }) => attributes['scriptorium.usage.source'])).toEqual(['estimated', 'reported']);
    expect(generations[0]?.attributes).toMatchObject({
      'scriptorium.usage.source': 'estimated',
      'gen_ai.usage.output_tokens': usage.outputTokens,
    });
  });

  it('says by our code why a generation failed, and no more', async () => {
    const scene = await aScene();
    scene.emulator.script({ status: 401, body: { error: { code: 401, message: 'the canary of a message' } } });
    expect((await failureOf(scene.pipeline.generate({ prompt: 'Begin.' }))).message).toContain('canary');
    const {
      generations: [generation],
      attempts: [attempt],
    } = await spansOf(scene);
    expect(generation).toMatchObject({
      status: FAILED,
      attributes: { 'error.type': 'authentication', 'scriptorium.outcome': 'error' },
    });
    expect(attempt).toMatchObject({
      status: FAILED,
      attributes: { 'error.type': 'authentication', 'http.response.status_code': 401 },
    });
    expect(scene.receiver.text()).not.toContain('canary');
  });

  it('is there for an input that was refused, too', async () => {
    const scene = await aScene();
    await failureOf(scene.pipeline.generate({ prompt: 'Begin.', temperature: 9, labels: { book: 'ada' } }));
    const { generations, attempts } = await spansOf(scene);
    expect(attempts).toEqual([]);
    expect(generations).toMatchObject([
      {
        name: 'chat a/model',
        status: FAILED,
        attributes: { 'error.type': 'invalid-input', 'scriptorium.attempts': 0, 'scriptorium.label.book': 'ada' },
      },
    ]);
  });

  it('ends when the subscriber leaves, as cancelled and not as failed', async () => {
    const scene = await aScene({ emulator: { words: 2_000 } });
    await new Promise<void>((resolve) => {
      const subscription = scene.pipeline.stream({ prompt: 'Begin.' }).subscribe((event) => {
        if (event.type !== 'text-delta') return;
        subscription.unsubscribe();
        resolve();
      });
    });
    await eventually(() => scene.emulator.requests[0]?.outcome === 'cancelled');
    const {
      generations: [generation],
      attempts: [attempt],
    } = await spansOf(scene);
    for (const span of [generation, attempt]) {
      expect(span?.status ?? 0).toBe(0);
      expect(span?.attributes).toMatchObject({ 'scriptorium.outcome': 'cancelled', 'error.type': 'aborted' });
    }
  });

  it('is begun by the subscription, and stops with one that leaves at the very first event', async () => {
    const scene = await aScene();
    const cold = scene.pipeline.stream({ prompt: 'Begin.' });
    const seen = await lastValueFrom(cold.pipe(take(1)));
    expect(seen.type).toBe('attempt-start');
    const { generations } = await spansOf(scene);
    expect(generations).toMatchObject([{ attributes: { 'scriptorium.outcome': 'cancelled' } }]);
    expect(scene.emulator.requests).toEqual([]);
  });

  it('lies in time around its attempts', async () => {
    const scene = await aScene();
    scene.emulator.script({ status: 503 });
    await scene.pipeline.generate({ prompt: 'Begin.' });
    const {
      generations: [generation],
      attempts: [first, second],
    } = await spansOf(scene);
    const times = [generation?.startMs, first?.startMs, first?.endMs, second?.startMs] as number[];
    // The time of day has whole milliseconds.
    times.slice(1).forEach((time, index) => expect(time).toBeGreaterThanOrEqual(times[index]! - 1));
    expect(generation?.endMs).toBeGreaterThanOrEqual(second!.endMs - 1);
  });

  it('holds not a word of prompt or answer', async () => {
    const scene = await aScene();
    const { text } = await scene.pipeline.generate({
      system: 'Speak like Zanzibar.',
      prompt: 'Tell of Xanadu.',
      stop: ['Timbuktu'],
      tools: [{ name: 'ulanbator', description: 'Samarkand' }],
    });
    await spansOf(scene);
    const told = scene.receiver.text();
    expect(told).toContain('gen_ai.operation.name');
    for (const word of [
      'Zanzibar',
      'Xanadu',
      'Timbuktu',
      'Samarkand',
      'ulanbator',
      ...text.split(/\W+/).filter((each) => each.length > 8),
    ])
      expect(told).not.toContain(word);
  });
});

describe('traceparent', () => {
  it('takes the place of one that the caller set', async () => {
    const scene = await aScene();
    await scene.pipeline.generate({
      prompt: 'Begin.',
      headers: { Traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`, 'x-book': 'ada' },
    });
    const {
      attempts: [attempt],
    } = await spansOf(scene);
    expect(scene.emulator.requests[0]?.headers).toMatchObject({
      'x-book': 'ada',
      traceparent: `00-${attempt?.traceId}-${attempt?.spanId}-01`,
    });
  });

  it('is not sent where the configuration says so', async () => {
    const scene = await aScene({ options: { traceparent: false } });
    await scene.pipeline.generate({ prompt: 'Begin.' });
    const { attempts } = await spansOf(scene);
    expect(attempts).toHaveLength(1);
    expect(scene.emulator.requests[0]?.headers).not.toHaveProperty('traceparent');
  });
});

describe('a span that no stat can be told to belong to', () => {
  it('ends all the same when its work does', async () => {
    const rename: InterceptorDefinition = {
      name: 'rename',
      phase: 'observe',
      intercept: (request, next) => next({ ...request, id: 'renamed' }),
    };
    const first = definePlugin({ name: 'first', apiVersion: 1, setup: (host) => host.addInterceptor(rename) });
    const scene = await aScene({ before: [first] });
    await scene.pipeline.generate({ prompt: 'Begin.' });
    const { generations, attempts } = await spansOf(scene);
    expect(attempts).toHaveLength(1);
    expect(generations.map(({ attributes }) => attributes['scriptorium.generation.id'])).toContain('renamed');
  });
});
