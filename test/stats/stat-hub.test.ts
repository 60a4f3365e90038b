import { describe, expect, it } from '@jest/globals';
import type { Stat } from '../../src/core/stats.js';
import { StatHub } from '../../src/stats/stat-hub.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { MemorySink } from '../../src/testing/memory-sink.js';
import { brokenLogger, MemoryLogger } from '../interceptors/memory-logger.js';
import { aGeneration, anAttempt } from './a-stat.js';

/** Sinks as they may really be, between two that work. */
function hubOf(record: (stat: Stat, clock: ManualClock) => unknown, logger = new MemoryLogger()) {
  const clock = new ManualClock();
  const [before, after] = [new MemorySink('before'), new MemorySink('after')];
  const odd = { name: 'odd', record: (stat: Stat) => record(stat, clock) };
  return { clock, before, after, logger, hub: new StatHub([before, odd, after], logger, clock) };
}

/** Lets promises that have settled tell of it. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const twice = (hub: StatHub): void => [anAttempt(), aGeneration()].forEach(hub.record);

describe('the stat hub', () => {
  it('hands every stat to every sink, in the order of the sinks', () => {
    const order: string[] = [];
    const hub = new StatHub(['a', 'b'].map((name) => ({ name, record: ({ type }: Stat) => void order.push(`${name} ${type}`) })), new MemoryLogger(), new ManualClock());
    twice(hub);
    expect(order).toEqual(['a attempt-end', 'b attempt-end', 'a generation-end', 'b generation-end']);
  });

  it.each<[string, (stat: Stat, clock: ManualClock) => unknown, RegExp]>([
    ['throws', () => { throw new Error('no disk'); }, /^warn: stat sink "odd" threw; further/],
    ['rejects', () => Promise.reject(new Error('no disk')), /^warn: stat sink "odd" rejected; further/],
    ['rejects with a promise of its own kind', () => ({ then: (_: unknown, reject: (error: Error) => void) => { reject(new Error('no disk')); } }), /^warn: stat sink "odd" rejected; further/],
    ['takes longer than 20 ms', (_stat, clock) => { clock.advance(21); }, /^warn: stat sink "odd" took 21 ms; further/],
  ])('logs one that %s once, by name, and serves the others as before', async (_what, record, line) => {
    const { hub, before, after, logger } = hubOf(record);
    twice(hub);
    await settle();
    twice(hub);
    await settle();
    expect([before.stats.length, after.stats.length]).toEqual([4, 4]);
    expect(logger.messages).toEqual([expect.stringMatching(line)]);
    expect(logger.lines[0]?.fields['sink']).toBe('odd');
  });

  it('says why', () => {
    const { hub, logger } = hubOf(() => { throw new Error('no disk'); });
    twice(hub);
    expect(logger.lines[0]?.fields).toEqual({ sink: 'odd', reason: 'no disk' });
  });

  it('logs each kind of fault of a sink, and each sink', () => {
    let calls = 0;
    const moody = (name: string, clock: ManualClock) => ({
      name,
      record: () => {
        calls += 1;
        if (calls > 2) throw new Error('no disk');
        clock.advance(30);
      },
    });
    const clock = new ManualClock();
    const logger = new MemoryLogger();
    const hub = new StatHub([moody('one', clock), moody('two', clock)], logger, clock);
    twice(hub);
    twice(hub);
    expect(logger.messages.map((message) => message.slice(16, 28))).toEqual(['"one" took 3', '"two" took 3', '"one" threw;', '"two" threw;']);
  });

  it('does not complain of one that takes 20 ms, nor of one that does its work later', async () => {
    const { hub, logger } = hubOf((_stat, clock) => {
      clock.advance(20);
      return Promise.resolve().then(() => clock.advance(500));
    });
    twice(hub);
    await settle();
    expect(logger.lines).toEqual([]);
  });

  it('never throws, not even where the logger does', async () => {
    const broken = Object.assign(new MemoryLogger(), brokenLogger());
    const { hub, after } = hubOf(({ type }) => {
      if (type === 'attempt-end') return Promise.reject(new Error('no disk'));
      throw new Error('no disk');
    }, broken);
    expect(() => twice(hub)).not.toThrow();
    await settle();
    expect(after.stats).toHaveLength(2);
  });
});
