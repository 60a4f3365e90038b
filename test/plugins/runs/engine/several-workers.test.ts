import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { createPipeline, tokens } from 'scriptorium';
import { batch, runBatch } from 'scriptorium/plugins/runs';
import { memoryJournal } from 'scriptorium/plugins/runs/testing';
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { aChatStream, emulatedVendor, FakeTransport } from 'scriptorium/testing';
import type { SimulatedProcess, World } from 'scriptorium/testing';
import { inWorld } from '../../../support/simulated-scene.js';
import { finish, item, RunScene, settled, text } from './run-scene.js';

describe('several workers on a run', () => {
  it('keep its concurrency together, and share its items', async () => {
    const scene = await RunScene.open();
    const items = ['a', 'b', 'c', 'd'].map((id) => item(id));
    const first = scene.batch(items, { concurrency: 2 });
    await settled();
    const second = scene.batch(items, { concurrency: 2 });
    await settled();
    expect(scene.asked).toHaveLength(2);
    expect(second.told).toEqual(['run-start', 'run-waiting']);
    while (scene.open.length > 0) {
      expect(scene.open.length).toBeLessThanOrEqual(2);
      finish(scene.open[0]!);
      await settled();
      await scene.advance(250);
    }
    for (const worked of [first, second]) {
      expect(worked.outcome).toBe('completed');
      expect(worked.of('run-end')[0]).toMatchObject({ reason: 'ended', run: { state: 'done' } });
    }
    expect(first.of('item-done').length + second.of('item-done').length).toBe(4);
  });

  it('report their wait for each other once, however often leases are renewed', async () => {
    const scene = await RunScene.open();
    const first = scene.batch([item('a')], { leaseMs: 3_000 });
    await settled();
    const second = scene.batch([item('a')], { leaseMs: 3_000 });
    await settled();
    for (let round = 0; round < 20; round += 1) await scene.advance(1_000);
    expect({ waits: second.of('run-waiting'), asked: scene.asked.length }).toEqual({
      waits: [{ type: 'run-waiting' }],
      asked: 1,
    });
    finish(scene.last);
    for (let round = 0; round < 5; round += 1) await scene.advance(1_000);
    expect([first.outcome, second.outcome]).toEqual(['completed', 'completed']);
  });

  it('end when the run is paused elsewhere, once their items are done', async () => {
    const scene = await RunScene.open();
    const worked = scene.batch([item('a'), item('b')], { concurrency: 1 });
    await settled();
    await scene.inner.pause('ada');
    finish(scene.last);
    await settled();
    expect(worked.told).toEqual(['run-start', 'item-start a', 'item-done a', 'run-end']);
    expect(worked.of('run-end')[0]).toMatchObject({ reason: 'paused', run: { items: { done: 1, ready: 1 } } });
  });

  it('notice that a parked run was resumed elsewhere', async () => {
    const scene = await RunScene.open();
    scene.batch([item('a'), item('b')], { concurrency: 1, wait: true });
    await settled();
    await scene.inner.pause('ada');
    await scene.inner.resume('ada', { concurrency: 2 });
    await scene.advance(250);
    finish(scene.last);
    await settled();
    expect(scene.open.map(({ request }) => request.labels['item'])).toEqual(['b']);
  });
});

describe('a text from a cache', () => {
  it('is a span of its own, at no cost', async () => {
    const scene = await RunScene.open({ config: { cache: { enabled: true, sampled: true } } });
    scene.batch([item('a'), item('b', { input: item('a').input })], { concurrency: 1 });
    await settled();
    scene.last.answer.next(text('Ada.'));
    finish(scene.last);
    await settled();
    expect(scene.asked).toHaveLength(1);
    expect(await scene.record('b')).toMatchObject({
      text: 'Ada.',
      result: { servedFrom: 'cache' },
      spans: [{ attempt: 0, from: 0, to: 4 }],
      records: [{ attempt: 0, outcome: 'success', usage: { costUsd: 0 } }],
      cost: { known: 0, estimated: 0, unmeasuredAttempts: 0 },
    });
  });
});

describe('a batch in a file', () => {
  it('opens its journal, writes its items, and closes it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'runs-'));
    try {
      await using pipeline = await createPipeline({
        environment: {},
        config: { logging: { level: 'silent' } },
        plugins: [openaiCompatible({ id: 'quill', baseUrl: 'http://quill.test/v1', model: 'a/model' })],
        register: (container) =>
          container.register(tokens.TRANSPORT, {
            useValue: new FakeTransport({ status: 404 }, aChatStream('Ada, ', 'Countess.')),
          }),
      });
      const journal = `sqlite:${join(folder, 'runs.db')}`;
      const items = ['a', 'b'].map((id) => item(id));
      const once = await batch(pipeline, items, { journal });
      expect(once.items.map((each) => each.text)).toEqual(['Ada, Countess.', 'Ada, Countess.']);
      const again = await batch(pipeline, items, { journal });
      expect({ run: again.run, items: again.items }).toEqual({ run: once.run, items: once.items });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** Continues a text at its next character. */
const MODEL = 'scriptorium/exact-400:free';

describe('a simulated run', () => {
  const vendorOf = (world: World) => emulatedVendor(world);

  it(
    'survives the death of its process at any moment: every text is whole, and none comes twice',
    inWorld(async (world) => {
      const vendor = vendorOf(world);
      const host = world.host('store', () => undefined);
      const journal = memoryJournal({ clock: host.clock });
      const worker = await world.process('writer', {
        plugins: [openrouter({ apiKey: 'sk-or-v1-test', baseUrl: vendor.url })],
        config: { defaults: { model: MODEL } },
      });
      const items = Array.from({ length: 6 }, (_, index) => item(`chapter-${index + 1}`));
      let lives = 0;
      const work = ({ pipeline, clock }: SimulatedProcess) =>
        lastValueFrom(
          runBatch(pipeline, items, {
            ...{ journal, clock, random: world.random('engine'), leaseMs: 3_000 },
            worker: { id: `${(lives += 1)}`, machine: 'here', pid: lives, startedAt: '1' },
            name: 'ada',
          }),
        );
      const random = world.random('kills');
      for (let kills = 0; kills < 12; kills += 1) {
        world.at(world.elapsedMs + 50 + random() * 3_000, () => worker.kill());
        const end = await worker.run(work);
        if (end !== 'killed') break;
        await worker.restart();
      }
      const end = await worker.run(work);
      expect(end).toMatchObject({ type: 'run-end', reason: 'ended', run: { state: 'done' } });
      const records = await journal.records('ada');
      expect(Math.max(...records.map(({ epoch }) => epoch))).toBeGreaterThan(2);
      for (const record of records) {
        expect(record.text).toBe(
          vendor.textFor({ messages: [{ role: 'user', content: `Write ${record.item}.` }], model: MODEL }),
        );
      }
      await worker.stop();
      world.check(worker.timers === 0, () => `${worker.timers} timers are left.`);
    }),
  );
});
