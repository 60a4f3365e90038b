import type { Stat, StatSink } from '../../core/stats.js';
import { frozenCopy } from '../../core/util/frozen-copy.js';
import { ManualClock } from '../manual-clock.js';
import { said } from '../must.js';
import { STATS } from './told.js';

/** Makes the sink under proof: a new one for each promise. What it times is to be timed by this clock. */
export type MakeSink = (clock: ManualClock) => StatSink | Promise<StatSink>;

export interface SinkScene {
  readonly sink: StatSink;
  readonly clock: ManualClock;
  /** Stats of every kind, frozen. */
  readonly stats: readonly Stat[];
  /** Records one. @throws Error that names the mistake, if `record` throws */
  readonly record: (stat: Stat) => unknown;
  /** Flushes or closes, where the sink can. @throws Error that names the mistake, if it fails or takes too long */
  readonly end: (what: 'flush' | 'close') => Promise<void>;
}

/** Less than a pipeline waits, and less than a test runner's usual 5 s, which would end the test before the mistake is named. */
const CLOSING_MS = 4_000;

export async function withSink(make: MakeSink, check: (scene: SinkScene) => Promise<void>): Promise<void> {
  const clock = new ManualClock();
  const sink = await make(clock);
  const startedAt = performance.now();
  const state = { isClosed: false };
  const end = async (what: 'flush' | 'close', ms = CLOSING_MS): Promise<void> => {
    if (what === 'close') state.isClosed = true;
    await inTime(what, ms, async () => {
      await sink[what]?.();
    });
  };
  try {
    await check({
      sink,
      clock,
      stats: STATS.map(frozenCopy),
      record: (stat) => record(sink, stat),
      end: (what) => end(what),
    });
  } finally {
    // Another promise checks its result now. A flush that was awaited in vain is not awaited again.
    if (!state.isClosed)
      await end('close', Math.max(0, startedAt + CLOSING_MS - performance.now())).catch(() => undefined);
  }
}

/** Node's message about code that changes a frozen object. */
const CHANGES = /read only property|not extensible|Cannot (delete|redefine) property/;

function record(sink: StatSink, stat: Stat): unknown {
  try {
    return (sink as { readonly record: (stat: Stat) => unknown }).record(stat);
  } catch (error) {
    if (error instanceof TypeError && CHANGES.test(error.message))
      throw new Error(
        `record has changed a stat of the type "${stat.type}", which other sinks get too (${error.message}). Copy it to change it.`,
        { cause: error },
      );
    throw new Error(
      `record threw for a stat of the type "${stat.type}": ${said(error)}. A sink keeps its failures to itself: catch them, and log them once.`,
      { cause: error },
    );
  }
}

async function inTime(what: string, ms: number, run: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`it has not come to an end within ${ms / 1_000} s, and a pipeline waits little longer`)),
      ms,
    );
  });
  try {
    await Promise.race([run(), tooLate]);
  } catch (error) {
    throw new Error(`${what} failed: ${said(error)}.`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
