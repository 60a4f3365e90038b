import { describe, expect, it } from '@jest/globals';
import { GenerationError } from 'scriptorium';
import { openItemRunner } from 'scriptorium/plugins/runs';
import type { ItemRunner, RunEvent } from 'scriptorium/plugins/runs';
import { createRun } from '../../../../plugins/runs/engine/run-batch.js';
import { finish, item, RunScene, settled, text } from './run-scene.js';

/** A runner of a run that nobody else works on, and what it reports. */
async function aRunner(ids: readonly string[], name = 'ada') {
  const scene = await RunScene.open();
  const { journal, clock } = scene;
  const create = async (run: string, items: readonly string[]) =>
    (
      await createRun(
        scene.pipeline,
        items.map((id) => item(id)),
        { journal, clock, name: run },
      )
    ).run.id;
  const run = await create(name, ids);
  const events: string[] = [];
  const runner: ItemRunner = await openItemRunner(scene.pipeline, {
    ...{ journal, clock, random: () => 1 },
    onEvent: (event: RunEvent, of) => {
      if (event.type !== 'item-event') events.push(`${of === run ? '' : 'other '}${event.type}`);
    },
  });
  return { scene, run, runner, events, create };
}

describe('a runner of single items', () => {
  it('works on one item to its end, and says when nothing can be claimed', async () => {
    const { scene, run, runner, events } = await aRunner(['a']);
    const worked = runner.workOnNext(run);
    await settled();
    expect({ count: runner.count, asked: scene.asked.length }).toEqual({ count: 1, asked: 1 });
    scene.last.answer.next(text('Ada.'));
    finish(scene.last);
    expect(await worked).toEqual({ type: 'worked', lease: { run, item: 'a', epoch: 1 } });
    expect(await runner.workOnNext(run)).toEqual({ type: 'nothing', isBusy: false });
    expect(events).toEqual(['item-start', 'item-done']);
    expect((await scene.record('a')).text).toBe('Ada.');
  });

  it('takes items of any run, and reports to whom they belong', async () => {
    const { scene, create, runner, events } = await aRunner(['a']);
    const other = await create('babbage', ['a']);
    const own: string[] = [];
    const worked = [runner.workOnNext(), runner.workOnNext(undefined, ({ type }) => void own.push(type))];
    await settled();
    expect(runner.count).toBe(2);
    for (const asked of scene.asked) finish(asked);
    expect(await Promise.all(worked)).toMatchObject([{ lease: { item: 'a' } }, { lease: { run: other, item: 'a' } }]);
    expect(events.sort()).toEqual(['item-done', 'item-start', 'other item-done', 'other item-start']);
    expect(own).toEqual(expect.arrayContaining(['item-start', 'item-done']));
  });

  it('gives its items back when it is stopped, and claims nothing afterwards', async () => {
    const { scene, run, runner } = await aRunner(['a', 'b']);
    const worked = runner.workOnNext(run);
    await settled();
    scene.last.answer.next(text('Ada'));
    runner.stop();
    expect(await worked).toEqual({ type: 'stopped' });
    expect(await runner.workOnNext(run)).toEqual({ type: 'stopped' });
    expect({ asked: scene.asked.length, record: await scene.record('a') }).toMatchObject({
      asked: 1,
      record: { state: 'ready', text: 'Ada' },
    });
  });

  it('rejects with an error that concerns every item, which is parked by then', async () => {
    const { scene, run, runner } = await aRunner(['a']);
    const worked = runner.workOnNext(run);
    await settled();
    scene.last.answer.error(new GenerationError('authentication', 'The key is refused.'));
    await expect(worked).rejects.toMatchObject({ code: 'authentication' });
    expect(await scene.record('a')).toMatchObject({ state: 'parked', reason: 'authentication' });
  });

  it('refuses a run that the journal does not have', async () => {
    const { run, runner, scene } = await aRunner(['a']);
    await expect(runner.workOnNext('unknown')).rejects.toMatchObject({ code: 'unknown-run' });
    expect({ asked: scene.asked.length, run: typeof run }).toEqual({ asked: 0, run: 'string' });
  });
});
