import { describe, expect, it } from '@jest/globals';
import { ManualClock } from 'scriptorium/testing';
import { Disposer } from '../../../src/core/util/disposer.js';

const NEVER = (): Promise<void> => new Promise(() => undefined);

describe('a disposer', () => {
  it('runs its steps once, the last one first', async () => {
    const log: number[] = [];
    const disposer = new Disposer();
    for (const step of [1, 2, 3]) disposer.add(() => log.push(step));
    await Promise.all([disposer.dispose(), disposer.dispose()]);
    expect(log).toEqual([3, 2, 1]);
  });

  it('runs all steps and reports every failure, thrown or rejected', async () => {
    const log: number[] = [];
    const disposer = new Disposer();
    disposer.add(() => log.push(1));
    disposer.add(() => {
      throw new Error('thrown');
    });
    disposer.add(() => Promise.reject(new Error('rejected')));
    await expect(disposer.dispose()).rejects.toMatchObject({ errors: [new Error('rejected'), new Error('thrown')] });
    expect(log).toEqual([1]);
  });

  it('gives up a step that never ends, and names it', async () => {
    const clock = new ManualClock();
    const log: string[] = [];
    const disposer = new Disposer();
    disposer.add(() => log.push('the others'));
    disposer.add(NEVER, { name: 'plugin "mine"' });
    const ended = disposer.dispose(clock).catch((error: unknown) => error);
    clock.advance(5_000);
    expect(await ended).toMatchObject({ errors: [new Error('plugin "mine" did not close within 5 s')] });
    expect(log).toEqual(['the others']);
  });
});
