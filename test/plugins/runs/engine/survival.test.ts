import { describe, expect, it } from '@jest/globals';
import { GenerationError } from 'scriptorium';
import { finish, item, RunScene, settled, text } from './run-scene.js';

describe('the text of an item', () => {
  it('is journalled at its first words, then once in checkpointMs', async () => {
    const scene = await RunScene.open();
    scene.batch([item('a')]);
    await settled();
    const journalled = async () => (await scene.record('a')).text;
    scene.last.answer.next(text('Ada '));
    await settled();
    expect(await journalled()).toBe('Ada ');
    scene.last.answer.next(text('was '));
    scene.last.answer.next(text('born '));
    await scene.advance(249);
    expect(await journalled()).toBe('Ada ');
    await scene.advance(1);
    expect(await journalled()).toBe('Ada was born ');
  });

  it('is journalled sooner when a kilobyte is waiting', async () => {
    const scene = await RunScene.open();
    scene.batch([item('a')]);
    await settled();
    scene.last.answer.next(text('Ada '));
    await settled();
    for (let piece = 0; piece < 64; piece += 1) scene.last.answer.next(text('sixteen letters '));
    await settled();
    expect((await scene.record('a')).bytes).toBe(4 + 1_024);
  });

  it('counts the prompt of an attempt before its first word', async () => {
    const price = { prompt: '0.001', completion: '0.01' };
    const scene = await RunScene.open({ models: [{ id: 'm', price, source: 'live' }] });
    scene.batch([item('a', { input: { prompt: 'x'.repeat(400) } })]);
    await settled();
    const [running] = (await scene.record('a')).records;
    expect(running).toMatchObject({
      outcome: 'running',
      usage: { inputTokens: 100, outputTokens: 0, estimatedCostUsd: 0.1, source: 'estimated' },
    });
  });

  it('goes on from the last character that is journalled', async () => {
    const scene = await RunScene.open();
    const first = scene.batch([item('a')]);
    await settled();
    scene.last.answer.next(text('The Analytical Engine'));
    await settled();
    first.leave();
    await settled();
    expect(await scene.record('a')).toMatchObject({ state: 'ready', text: 'The Analytical Engine' });
    const second = scene.workOn('ada');
    await settled();
    const { messages } = scene.last.request;
    expect(messages.at(-1)).toMatchObject({ role: 'user' });
    expect(scene.last.request.continuation).toMatchObject({ reason: 'given' });
    scene.last.answer.next(text(' weaves patterns.'));
    finish(scene.last);
    await settled();
    expect(second.of('item-start')[0]).toMatchObject({ text: 'The Analytical Engine', epoch: 2 });
    expect((await scene.record('a')).text).toBe('The Analytical Engine weaves patterns.');
    expect((await scene.record('a')).spans.map(({ generation, from, to }) => [generation, from, to])).toEqual([
      ['run-1/a/1', 0, 21],
      ['run-1/a/2', 21, 38],
    ]);
  });

  it('has no half characters', async () => {
    const scene = await RunScene.open();
    const worked = scene.batch([item('a')]);
    await settled();
    scene.last.answer.next(text('one \ud83d two'));
    finish(scene.last);
    await settled();
    expect(worked.of('item-done')[0]?.record.text).toBe('one \ufffd two');
  });
});

describe('an item that cannot be continued', () => {
  const tools = [{ name: 'look_up' }];

  it('keeps no text before its end', async () => {
    const scene = await RunScene.open();
    const worked = scene.batch([item('a', { input: { prompt: 'Write.', tools } })]);
    await settled();
    scene.last.answer.next(text('Ada '));
    await scene.advance(1_000);
    expect(await scene.record('a')).toMatchObject({ text: '', records: [{ outcome: 'running' }] });
    scene.last.answer.next({ type: 'tool-call', index: 0, id: '1', name: 'look_up', arguments: '{}' });
    finish(scene.last);
    await settled();
    expect(worked.of('item-done')[0]?.record).toMatchObject({
      text: 'Ada ',
      result: { toolCalls: [{ name: 'look_up' }] },
    });
  });

  it('is asked for anew after its try has failed', async () => {
    const scene = await RunScene.open();
    scene.batch([item('a', { input: { prompt: 'Write.', tools } })]);
    await settled();
    scene.last.answer.next(text('Ada '));
    // The pipeline continues the text itself first.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      scene.last.answer.error(new GenerationError('connection', 'Gone.', { retryable: true }));
      await settled();
    }
    expect(await scene.record('a')).toMatchObject({ state: 'ready', text: '', tries: 1 });
    await scene.advance(5_000);
    expect(scene.last.request.continuation).toBeUndefined();
    expect(scene.asked).toHaveLength(3);
  });
});
