import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { finish, item, RunScene, settled, text } from './run-scene.js';

const sha256 = (whole: string) => createHash('sha256').update(whole).digest('hex');

describe('a batch', () => {
  it('writes its items, journals each text with its hash and its words, and ends', async () => {
    const scene = await RunScene.open();
    const worked = scene.batch([item('one'), item('two')]);
    await settled();
    expect(scene.asked.map(({ request }) => request.id)).toEqual(['run-1/one/1', 'run-1/two/1']);
    for (const asked of scene.asked) {
      asked.answer.next(text('Ada, Countess '));
      asked.answer.next(text('of Lovelace.'));
      finish(asked);
    }
    await settled();
    expect(worked.outcome).toBe('completed');
    expect(worked.told).toEqual([
      'run-start',
      'item-start one',
      'item-start two',
      'item-done one',
      'item-done two',
      'run-end',
    ]);
    const [done] = worked.of('item-done');
    expect(done?.record).toMatchObject({
      text: 'Ada, Countess of Lovelace.',
      words: 4,
      sha256: sha256('Ada, Countess of Lovelace.'),
      state: 'done',
      result: { finishReason: { unified: 'stop' }, provider: 'mine', model: 'm', servedFrom: 'provider' },
      spans: [{ from: 0, to: 26, generation: 'run-1/one/1', attempt: 1, provider: 'mine', model: 'm' }],
      records: [{ outcome: 'success', usage: { costUsd: 0.001, inputTokens: 7 } }],
    });
    expect(worked.of('run-end')[0]).toMatchObject({ reason: 'ended', run: { state: 'done', words: 8 } });
  });

  it('keeps to its concurrency, and starts an item after those that it waits for', async () => {
    const scene = await RunScene.open();
    scene.batch([item('a'), item('b', { after: ['a'] }), item('c')], { concurrency: 2 });
    await settled();
    const ids = () => scene.open.map(({ request }) => request.labels['item']);
    expect(ids()).toEqual(['a', 'c']);
    finish(scene.asked[1]!);
    await settled();
    expect(ids()).toEqual(['a']);
    finish(scene.asked[0]!);
    await settled();
    expect(ids()).toEqual(['b']);
  });

  it('streams with the labels of run and item, and resumes what breaks off', async () => {
    const scene = await RunScene.open({ config: { continuity: { onBreak: 'restart' } } });
    scene.batch([item('a', { input: { prompt: 'Write.', labels: { part: '1' }, wire: 'json' } })], {
      labels: { book: 'ada' },
    });
    await settled();
    const { wire, labels, overrides } = scene.last.request;
    expect({ wire, labels, onBreak: overrides.continuity?.onBreak }).toEqual({
      wire: 'sse',
      labels: { part: '1', book: 'ada', run: 'run-1', item: 'a' },
      onBreak: 'resume',
    });
  });

  it('does not begin again what is done: the same items are the same run', async () => {
    const scene = await RunScene.open();
    scene.batch([item('a')]);
    await settled();
    finish(scene.last);
    await settled();
    const again = scene.batch([item('a')]);
    await settled();
    expect(again.told).toEqual(['run-start', 'run-end']);
    expect(again.of('run-start')[0]).toMatchObject({ isNew: false });
    expect(scene.asked).toHaveLength(1);
  });

  it('commits a text that the token cap has cut as what it is', async () => {
    const scene = await RunScene.open();
    const worked = scene.batch([item('a')]);
    await settled();
    scene.last.answer.next(text('Ada was'));
    finish(scene.last, {}, 'length');
    await settled();
    expect(worked.of('item-done')[0]?.record.result).toMatchObject({ finishReason: { unified: 'length' } });
  });
});
