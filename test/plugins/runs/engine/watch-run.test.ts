import { describe, expect, it } from '@jest/globals';
import { watchRun } from '../../../../plugins/runs/engine/watch-run.js';
import { createRun } from '../../../../plugins/runs/engine/run-batch.js';
import { finish, item, RunScene, settled, text, Worked } from './run-scene.js';

async function watched(ids: readonly string[], { wait = false } = {}) {
  const scene = await RunScene.open();
  const { journal, clock, pipeline } = scene;
  const items = ids.map((id) => item(id));
  const created = await createRun(pipeline, items, { journal, clock, name: 'ada', concurrency: 1 });
  const stop = new AbortController();
  const options = { clock, signal: stop.signal, wait, patienceMs: 90_000 };
  const watch = new Worked(watchRun(scene.inner, created, options));
  await settled();
  return { scene, watch, stop };
}

describe('the watch of a run that others work on', () => {
  it('reports its items, and ends with it', async () => {
    const { scene, watch } = await watched(['a', 'b']);
    scene.workOn('ada');
    for (const word of ['Ada.', 'Byron.']) {
      await scene.advance(250);
      scene.last.answer.next(text(word));
      finish(scene.last);
      await settled();
      await scene.advance(250);
    }
    await scene.advance(5_000);
    expect(watch.told).toEqual(['run-start', 'item-start a', 'item-done a', 'item-start b', 'item-done b', 'run-end']);
    expect(watch.of('item-done').map(({ record }) => record.text)).toEqual(['Ada.', 'Byron.']);
    expect(watch.of('run-end')[0]).toMatchObject({ reason: 'ended', run: { state: 'done' } });
  });

  it('ends when the run is paused, and nothing is in flight any more', async () => {
    const { scene, watch } = await watched(['a']);
    await scene.inner.pause('ada');
    await scene.advance(5_000);
    expect(watch.of('run-end')[0]).toMatchObject({ reason: 'paused' });
  });

  it('ends at once when it is stopped, and the run goes on', async () => {
    const { watch, stop, scene } = await watched(['a']);
    stop.abort();
    await settled();
    expect(watch.of('run-end')[0]).toMatchObject({ reason: 'stopped' });
    expect(await scene.inner.status('ada')).toMatchObject({ state: 'running' });
  });
});
