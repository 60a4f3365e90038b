import { afterEach, describe, expect, it } from '@jest/globals';
import { createPipeline, GenerationError, tokens } from 'scriptorium';
import type { Pipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { aChatStream, FakeTransport } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { failureOf } from '../support/pipelines.js';

const open: Pipeline[] = [];
afterEach(() => Promise.all(open.splice(0).map((pipeline) => pipeline.dispose())));

async function over(transport: FakeTransport): Promise<Pipeline> {
  const pipeline = await createPipeline({
    plugins: [openrouter({ apiKey: 'k' })],
    environment: {},
    config: { logging: { level: 'silent' }, retry: { baseMs: 0 }, defaults: { model: 'a/model' } },
    register: (container) => container.register(tokens.TRANSPORT, { useValue: transport }),
  });
  open.push(pipeline);
  return pipeline;
}

describe('the fake transport', () => {
  it('answers without a network, and keeps what it was asked', async () => {
    const transport = new FakeTransport(aChatStream('Once ', 'upon a time.'));
    const pipeline = await over(transport);
    const { text, usage, cost, attempts } = await pipeline.generate({ prompt: 'Begin.' });
    expect({ text, usage: usage.source, cost: cost.known, sent: attempts[0]?.sent }).toEqual({
      text: 'Once upon a time.',
      usage: 'reported',
      cost: 0.001,
      sent: true,
    });
    expect(transport.requests).toMatchObject([
      { method: 'POST', url: 'https://openrouter.ai/api/v1/chat/completions' },
    ]);
    expect(JSON.parse(transport.requests[0]!.body!)).toMatchObject({
      model: 'a/model',
      messages: [{ content: 'Begin.' }],
    });
  });

  it('gives one answer a request, in turn, and the last one again', async () => {
    const refused = new GenerationError('connection', 'refused', { retryable: true, neverSent: true });
    const transport = new FakeTransport(
      { status: 503, body: ['{"error": {"message": "busy", "code": 503}}'] },
      refused,
      aChatStream('Whole.'),
    );
    const pipeline = await over(transport);
    const { text, attempts } = await pipeline.generate({ prompt: 'Begin.' });
    expect([text, attempts.map(({ errorCode, sent }) => [errorCode, sent])]).toEqual([
      'Whole.',
      [
        ['overloaded', true],
        ['connection', false],
        [undefined, true],
      ],
    ]);
    expect((await pipeline.generate({ prompt: 'Again.' })).text).toBe('Whole.');
    expect(transport.requests).toHaveLength(4);
  });

  it('breaks off where an error stands in the body, so that the text before it is kept', async () => {
    const [first] = aChatStream('Half of ').body;
    const broken = {
      ...aChatStream(),
      body: [first!, new GenerationError('connection', 'reset', { retryable: true })],
    };
    const error = await failureOf((await over(new FakeTransport(broken))).generate({ prompt: 'Begin.' }));
    expect(error).toMatchObject({ code: 'interrupted', partial: { text: 'Half of ' } });
  });

  it('stalls until it is left', async () => {
    const [first] = aChatStream('Half of ').body;
    const pipeline = await over(new FakeTransport({ ...aChatStream(), body: [first!], stalls: true }));
    const pieces: string[] = [];
    const watching = pipeline.text({ prompt: 'Begin.' }).subscribe((piece) => pieces.push(piece));
    await eventually(() => pieces.length === 1);
    watching.unsubscribe();
    expect(pipeline.stats().cancelled).toBe(1);
  });

  it('says that it has no answer, and is closed with the pipeline', async () => {
    const transport = new FakeTransport();
    const pipeline = await over(transport);
    expect((await failureOf(pipeline.generate({ prompt: 'Begin.' }))).message).toContain('aChatStream');
    await pipeline.dispose();
    expect(transport.isClosed).toBe(true);
  });
});
