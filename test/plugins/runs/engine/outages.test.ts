import { describe, expect, it } from '@jest/globals';
import { RunError } from 'scriptorium/plugins/runs';
import type { Journal } from 'scriptorium/plugins/runs';
import { finish, item, RunScene, settled, text } from './run-scene.js';

/** A journal that can be away: then it writes nothing. */
class Away {
  isAway = false;
  calls = 0;
  /** Methods that do their work, whose answers get lost. */
  readonly losesAnswersOf = new Set<keyof Journal>();
  /** Methods that find no room to write. */
  readonly refuses = new Set<keyof Journal>();

  readonly wrap = (journal: Journal): Journal =>
    new Proxy(journal, {
      get: (target, name: keyof Journal) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function' || name === 'watch') return value;
        return async (...given: unknown[]): Promise<unknown> => {
          if (this.isAway || this.refuses.has(name)) {
            this.calls += 1;
            throw new RunError('unavailable', 'The disk is full.');
          }
          const answer: unknown = await Reflect.apply(value, target, given);
          if (this.losesAnswersOf.delete(name)) throw new RunError('unavailable', 'The line is dead.');
          return answer;
        };
      },
    });
}

async function scene() {
  const away = new Away();
  const opened = await RunScene.open({ wrap: away.wrap });
  return { away, scene: opened };
}

describe('a journal that is away', () => {
  it('costs no word: the generation goes on, and its text is written later, even after the lease has expired', async () => {
    const { away, scene: opened } = await scene();
    const worked = opened.batch([item('a'), item('b', { after: ['a'] })]);
    await settled();
    opened.last.answer.next(text('Ada '));
    await settled();
    away.isAway = true;
    opened.last.answer.next(text('was '));
    await opened.advance(20_000);
    opened.last.answer.next(text('born.'));
    finish(opened.last);
    await opened.advance(40_000);
    expect(worked.of('item-done')).toEqual([]);
    away.isAway = false;
    await opened.advance(5_000);
    expect(worked.of('item-done')[0]?.record.text).toBe('Ada was born.');
    expect(opened.last.request.labels['item']).toBe('b');
  });

  it('is reported once, and nothing is claimed meanwhile', async () => {
    const { away, scene: opened } = await scene();
    opened.batch([item('a'), item('b'), item('c')], { concurrency: 2 });
    await settled();
    away.isAway = true;
    for (const asked of opened.asked) asked.answer.next(text('Some text.'));
    await opened.advance(300);
    const before = away.calls;
    finish(opened.asked[0]!);
    await opened.advance(60_000);
    expect(away.calls).toBeGreaterThan(before);
    expect(opened.warnings).toEqual([
      'The journal memory does not answer. New text is kept in memory until it does: The disk is full.',
    ]);
    expect(opened.asked).toHaveLength(2);
  });

  it('is asked less and less often', async () => {
    const { away, scene: opened } = await scene();
    opened.batch([item('a')], { leaseMs: 3_600_000 });
    await settled();
    away.isAway = true;
    opened.last.answer.next(text('Some text.'));
    const calls: number[] = [];
    for (let minute = 0; minute < 2; minute += 1) {
      away.calls = 0;
      for (let second = 0; second < 60; second += 1) await opened.advance(1_000);
      calls.push(away.calls);
    }
    expect(calls).toEqual([15, 12]);
  });

  it('is not waited for longer than a lease once the work is to stop', async () => {
    const { away, scene: opened } = await scene();
    const stop = new AbortController();
    const worked = opened.batch([item('a')], { signal: stop.signal });
    await settled();
    opened.last.answer.next(text('Ada '));
    await settled();
    away.isAway = true;
    stop.abort();
    await opened.advance(29_000);
    expect(worked.outcome).toBeUndefined();
    await opened.advance(1_000);
    expect(worked.outcome).toMatchObject({ error: { code: 'unavailable' } });
  });

  it('that took no text until the end is named as the reason, and not another worker', async () => {
    const { away, scene: opened } = await scene();
    const stop = new AbortController();
    const worked = opened.batch([item('a')], { signal: stop.signal });
    await settled();
    opened.last.answer.next(text('Ada '));
    await settled();
    away.refuses.add('checkpoint');
    opened.last.answer.next(text('was '));
    await opened.advance(1_000);
    opened.last.answer.next(text('born.'));
    stop.abort();
    await opened.advance(30_000);
    expect(worked.outcome).toMatchObject({ error: { code: 'unavailable' } });
    expect(worked.told).toEqual(['run-start', 'item-start a', 'journal-away']);
    expect(await opened.record('a')).toMatchObject({ state: 'leased', text: 'Ada ' });
  });

  it('may have written what it could not confirm: no text comes twice', async () => {
    const { away, scene: opened } = await scene();
    const worked = opened.batch([item('a')]);
    await settled();
    away.losesAnswersOf.add('checkpoint');
    opened.last.answer.next(text('Ada '));
    await settled();
    await opened.advance(1_000);
    opened.last.answer.next(text('was.'));
    away.losesAnswersOf.add('commit');
    finish(opened.last);
    await settled();
    await opened.advance(1_000);
    expect(worked.told).toEqual([
      ...['run-start', 'item-start a', 'journal-away', 'journal-back', 'journal-away', 'journal-back'],
      ...['item-done a', 'run-end'],
    ]);
    expect((await opened.record('a')).text).toBe('Ada was.');
  });
});

describe('a lost lease', () => {
  it('ends the generation in the same turn, and writes nothing more', async () => {
    const opened = await RunScene.open();
    const worked = opened.batch([item('a'), item('b')]);
    await settled();
    await opened.inner.cancel('ada', 'a');
    const [first, second] = opened.asked;
    first!.answer.next(text('Too late.'));
    await settled();
    expect({ first: first!.isLeft, second: second!.isLeft }).toEqual({ first: true, second: false });
    expect(worked.told.at(-1)).toBe('item-lost a');
    expect(await opened.record('a')).toMatchObject({ state: 'cancelled', text: '' });
  });

  it('is noticed at its renewal, before any text', async () => {
    const opened = await RunScene.open();
    const worked = opened.batch([item('a')]);
    await settled();
    await opened.inner.cancel('ada', 'a');
    await opened.advance(10_000);
    expect(worked.told).toEqual(['run-start', 'item-start a', 'item-lost a', 'run-end']);
    expect(opened.last.isLeft).toBe(true);
  });

  it('does not happen while the worker lives: the lease is renewed', async () => {
    const opened = await RunScene.open();
    opened.batch([item('a')]);
    await settled();
    for (let step = 0; step < 20; step += 1) await opened.advance(5_000);
    const other = opened.workOn('ada');
    await settled();
    expect(other.told).toEqual(['run-start', 'run-waiting']);
    expect(await opened.record('a')).toMatchObject({ epoch: 1, state: 'leased' });
  });

  it('is not what a renewal reports that comes after the end', async () => {
    let commitOver = (): void => undefined;
    const committed = new Promise<void>((resolve) => (commitOver = resolve));
    const wrap = (inner: Journal): Journal =>
      new Proxy(inner, {
        get: (target, name) => {
          if (name === 'renew')
            return (...given: Parameters<Journal['renew']>) => committed.then(() => inner.renew(...given));
          if (name === 'commit')
            return (...given: Parameters<Journal['commit']>) => inner.commit(...given).then(() => commitOver());
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    const opened = await RunScene.open({ wrap });
    const worked = opened.batch([item('a')]);
    await settled();
    await opened.advance(10_000);
    finish(opened.last);
    await settled();
    expect(worked.told).toEqual(['run-start', 'item-start a', 'item-done a', 'run-end']);
  });

  it('leaves the item to a worker that takes it over after the expiry', async () => {
    const away = new Away();
    const opened = await RunScene.open({ wrap: away.wrap });
    const first = opened.batch([item('a')]);
    await settled();
    opened.last.answer.next(text('Ada'));
    await settled();
    away.isAway = true;
    await opened.advance(31_000);
    const second = opened.workOn('ada', { journal: opened.inner });
    await settled();
    const [old, fresh] = opened.asked;
    old!.answer.next(text(' was never'));
    away.isAway = false;
    await opened.advance(5_000);
    expect(first.told).toContain('item-lost a');
    expect(old!.isLeft).toBe(true);
    fresh!.answer.next(text(' was born.'));
    finish(fresh!);
    await settled();
    expect(second.of('item-done')[0]?.record).toMatchObject({ text: 'Ada was born.', epoch: 2 });
  });
});

describe('the end of the work', () => {
  it('by a signal flushes what was written, and gives the leases back', async () => {
    const opened = await RunScene.open();
    const stop = new AbortController();
    const worked = opened.batch([item('a')], { signal: stop.signal });
    await settled();
    opened.last.answer.next(text('Ada '));
    opened.last.answer.next(text('was'));
    stop.abort();
    await settled();
    expect(worked.of('run-end')[0]).toMatchObject({ reason: 'stopped', run: { state: 'running' } });
    expect(await opened.record('a')).toMatchObject({ state: 'ready', text: 'Ada was', tries: 0 });
    expect(opened.clock.pending).toBe(0);
  });

  it('by a signal that was aborted before sends nothing', async () => {
    const opened = await RunScene.open();
    const worked = opened.batch([item('a')], { signal: AbortSignal.abort() });
    await settled();
    expect(worked.told).toEqual(['run-start', 'run-end']);
    expect(opened.asked).toEqual([]);
  });

  it('by the pipeline is the same, also while everything waits', async () => {
    const opened = await RunScene.open();
    const worked = opened.batch([item('a')], { wait: true });
    await settled();
    opened.last.answer.next(text('Ada'));
    await opened.pipeline.dispose();
    await settled();
    expect(worked.of('run-end')[0]).toMatchObject({ reason: 'stopped' });
    expect(await opened.record('a')).toMatchObject({ state: 'ready', text: 'Ada' });
  });

  it('leaves no timer behind, and closes no journal that was passed', async () => {
    const opened = await RunScene.open();
    const worked = opened.batch([item('a')]);
    await settled();
    opened.last.answer.next(text('Ada'));
    finish(opened.last);
    await settled();
    await opened.pipeline.dispose();
    expect({ outcome: worked.outcome, timers: opened.clock.pending }).toEqual({ outcome: 'completed', timers: 0 });
    expect(await opened.inner.status('ada')).toMatchObject({ state: 'done' });
  });
});
