import { describe, expect, it } from '@jest/globals';
import { closeSinks } from '../../src/stats/close-sinks.js';
import type { Stat, StatSink } from '../../src/core/stats.js';
import { StatHub } from '../../src/stats/stat-hub.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { MemorySink } from '../../src/testing/memory-sink.js';
import { brokenLogger, MemoryLogger } from '../chain/observe/memory-logger.js';
import { aGeneration, anAttempt } from './a-stat.js';

/** Sinks as they may really be, between two that work. */
function hubOf(
  record: (stat: Stat, clock: ManualClock) => unknown,
  logger = new MemoryLogger(),
  parts: Partial<StatSink> = {},
) {
  const clock = new ManualClock();
  const [before, after] = [new MemorySink('before'), new MemorySink('after')];
  const odd = { name: 'odd', record: (stat: Stat) => record(stat, clock), ...parts };
  return { clock, before, after, logger, hub: new StatHub([before, odd, after], logger, clock) };
}

/** Lets promises that have settled tell of it. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const oddOf = (hub: StatHub) => hub.counts[1];
const twice = (hub: StatHub): void => [anAttempt(), aGeneration()].forEach(hub.record);

describe('the stat hub', () => {
  it('hands every stat to every sink, in the order of the sinks', () => {
    const order: string[] = [];
    const hub = new StatHub(
      ['a', 'b'].map((name) => ({ name, record: ({ type }: Stat) => void order.push(`${name} ${type}`) })),
      new MemoryLogger(),
      new ManualClock(),
    );
    twice(hub);
    expect(order).toEqual(['a attempt-end', 'b attempt-end', 'a generation-end', 'b generation-end']);
  });

  it.each<[string, (stat: Stat, clock: ManualClock) => unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('no disk');
      },
      /^warn: stat sink "odd" threw; further/,
    ],
    ['rejects', () => Promise.reject(new Error('no disk')), /^warn: stat sink "odd" rejected; further/],
    [
      'rejects with a promise of its own kind',
      () => ({
        then: (_: unknown, reject: (error: Error) => void) => {
          reject(new Error('no disk'));
        },
      }),
      /^warn: stat sink "odd" rejected; further/,
    ],
    [
      'takes longer than 20 ms',
      (_stat, clock) => {
        clock.advance(21);
      },
      /^warn: stat sink "odd" took 21 ms; further/,
    ],
  ])('logs one that %s once, by name, and serves the others as before', async (_what, record, line) => {
    const { hub, before, after, logger } = hubOf(record);
    twice(hub);
    await settle();
    twice(hub);
    await settle();
    expect([before.stats.length, after.stats.length]).toEqual([4, 4]);
    expect(logger.messages).toEqual([expect.stringMatching(line)]);
    expect(logger.lines[0]?.fields['sink']).toBe('odd');
    expect(oddOf(hub)).toMatchObject(
      line.source.includes('took') ? { recorded: 4, slow: 4, failed: 0 } : { recorded: 0, slow: 0, failed: 4 },
    );
  });

  it('says why', () => {
    const { hub, logger } = hubOf(() => {
      throw new Error('no disk');
    });
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
    expect(logger.messages.map((message) => message.slice(16, 28))).toEqual([
      '"one" took 3',
      '"two" took 3',
      '"one" threw;',
      '"two" threw;',
    ]);
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

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw Object.create(null) as Error;
      },
    ],
    [
      'throws an error whose message cannot be read',
      () => {
        throw Object.defineProperty(new Error(), 'message', {
          get: () => {
            throw new Error('no');
          },
        });
      },
    ],
    ['rejects with', () => Promise.reject(Object.create(null) as Error)],
  ])('bears a sink that %s, whatever it is', async (_, record) => {
    const { hub, after, logger } = hubOf(record);
    twice(hub);
    await settle();
    await settle();
    expect({
      counts: oddOf(hub),
      others: after.stats.length,
      lines: logger.lines.map(({ fields }) => fields['reason']),
    }).toMatchObject({
      counts: { recorded: 0, failed: 2, slow: 0 },
      others: 2,
      lines: ['a value that cannot be printed'],
    });
  });

  it('lets no sink change what others, and the user, get', () => {
    const { hub, after, logger } = hubOf((stat) => {
      (stat.usage as { outputTokens: number }).outputTokens = 0;
    });
    hub.record(anAttempt());
    expect(after.attempts[0]?.usage.outputTokens).toBe(5);
    expect(logger.messages).toEqual([expect.stringMatching(/"odd" threw/)]);
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

describe('a sink whose record returns promises', () => {
  /** Takes each stat when `finish` is called. */
  function slowHub() {
    const taken: string[] = [];
    const open: (() => void)[] = [];
    const parts = hubOf(({ generationId }) => {
      taken.push(generationId);
      return new Promise<void>((resolve) => {
        open.push(resolve);
      });
    });
    const record = (count: number): void =>
      Array.from({ length: count }, (_, index) => aGeneration({ generationId: `g${index}` })).forEach(parts.hub.record);
    const finish = async (): Promise<void> => {
      open.shift()?.();
      await settle();
    };
    return { ...parts, taken, record, finish };
  }

  it('gets one stat at a time, in their order, and holds nobody up', async () => {
    const { hub, taken, record, finish, after } = slowHub();
    record(3);
    expect({ taken, others: after.stats.length, counts: oddOf(hub) }).toMatchObject({
      taken: ['g0'],
      others: 3,
      counts: { recorded: 0, queued: 3 },
    });
    await finish();
    expect({ taken, counts: oddOf(hub) }).toMatchObject({ taken: ['g0', 'g1'], counts: { recorded: 1, queued: 2 } });
    for (let more = 0; more < 2; more += 1) await finish();
    expect({ taken, counts: oddOf(hub) }).toMatchObject({
      taken: ['g0', 'g1', 'g2'],
      counts: { recorded: 3, queued: 0, dropped: 0 },
    });
  });

  it('has a queue of 10,000; beyond it stats are dropped, counted, and named once', () => {
    const { hub, record, logger, after } = slowHub();
    record(10_004);
    expect(oddOf(hub)).toMatchObject({ recorded: 0, queued: 10_001, dropped: 3 });
    expect(after.stats).toHaveLength(10_004);
    expect(logger.messages).toEqual([
      'warn: stat sink "odd" cannot keep up: 10000 stats are waiting; further faults of this kind are counted, not logged',
    ]);
  });

  it('is flushed when it has taken all', async () => {
    let flushedAfter: number | undefined;
    const clock = new ManualClock();
    const sink = {
      name: 'odd',
      taken: 0,
      record: async () => {
        await settle();
        sink.taken += 1;
      },
      flush: () => {
        flushedAfter = sink.taken;
        return Promise.resolve();
      },
    };
    const hub = new StatHub([sink], new MemoryLogger(), clock);
    twice(hub);
    twice(hub);
    await closeSinks(hub.feeds, clock);
    expect({ flushedAfter, counts: hub.counts[0] }).toMatchObject({
      flushedAfter: 4,
      counts: { recorded: 4, queued: 0, dropped: 0 },
    });
  });

  it('that never ends has 5 s; what it has not taken then is lost, and told', async () => {
    let isClosed = false;
    const { hub, clock, logger, before, after } = hubOf(() => new Promise(() => undefined), new MemoryLogger(), {
      close: () => {
        isClosed = true;
        return Promise.resolve();
      },
    });
    twice(hub);
    const closing = closeSinks(hub.feeds, clock).catch((error: unknown) => error);
    await settle();
    clock.advance(5_000);
    expect(String(((await closing) as AggregateError).errors[0])).toContain('stat sink "odd" did not flush within 5 s');
    expect({ counts: oddOf(hub), isClosed, others: [before.stats.length, after.stats.length] }).toMatchObject({
      counts: { recorded: 0, queued: 0, dropped: 2 },
      isClosed: true,
      others: [2, 2],
    });
    expect(logger.messages).toContain('warn: stat sink "odd" missed 2 of 2 stats in total');
  });
});

describe('the counts of the stat hub', () => {
  it('hold what waits and what was given up behind the sink, too', () => {
    const { hub } = hubOf(() => undefined, new MemoryLogger(), { backlog: () => ({ queued: 3, dropped: 4 }) });
    twice(hub);
    expect(oddOf(hub)).toEqual({ name: 'odd', recorded: 2, failed: 0, slow: 0, queued: 3, dropped: 4 });
  });

  it('are told also of a sink that cannot tell its own', () => {
    const { hub } = hubOf(() => undefined, new MemoryLogger(), {
      backlog: () => {
        throw new Error('no');
      },
    });
    twice(hub);
    expect(hub.counts.map(({ recorded, queued }) => [recorded, queued])).toEqual([
      [2, 0],
      [2, 0],
      [2, 0],
    ]);
  });

  it('hold what comes after the close', async () => {
    const { hub, clock } = hubOf(() => undefined);
    await closeSinks(hub.feeds, clock);
    twice(hub);
    expect(oddOf(hub)).toMatchObject({ recorded: 0, dropped: 2 });
  });
});
