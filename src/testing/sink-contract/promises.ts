import { isPromise } from '../../core/util/maybe-promise.js';
import { must, said } from '../must.js';
import { withSink } from './scene.js';
import type { MakeSink, SinkScene } from './scene.js';

/** Proves one promise. Rejects with an `Error` that names the mistake. Needs no test runner. */
export type SinkCheck = (make: MakeSink) => Promise<void>;

const by =
  (check: (scene: SinkScene) => Promise<void>): SinkCheck =>
  (make) =>
    withSink(make, check);

/** The promises of every stat sink, each a sentence with the check that proves it. */
export const SINK_PROMISES = {
  'has a name': by(hasAName),
  'takes every kind of stat without throwing': by(takesEverything),
  'records synchronously': by(isSynchronous),
  'records at once': by(isQuick),
  'changes no stat': by(changesNothing),
  'flushes whenever it is asked to': by(flushes),
  'closes, used or not': by(closes),
} as const satisfies Readonly<Record<string, SinkCheck>>;

/** The pipeline names a sink in its log that takes longer. */
const SLOW_MS = 20;
/** A busy machine may hold up one record or the other, but hardly all of them. */
const TRIES = 5;
/** After this long it is slow, and its author need not wait for more tries. */
const TRYING_MS = 500;

async function hasAName({ sink: { name } }: SinkScene): Promise<void> {
  await Promise.resolve();
  must(
    typeof name === 'string' && name !== '',
    `The sink's name is ${said(name)}; it must be a text, by which the log names the sink.`,
  );
}

async function takesEverything({ stats, record }: SinkScene): Promise<void> {
  await Promise.all(stats.map((stat) => settled(record(stat))));
}

async function isSynchronous({ stats, record }: SinkScene): Promise<void> {
  for (const stat of stats) {
    const result = record(stat);
    if (!isPromise(result)) continue;
    const rejection = await Promise.resolve(result).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const ending =
      rejection === undefined ? 'for which all further stats must wait' : `which rejected: ${said(rejection.error)}`;
    must(
      false,
      `record returned a promise for a stat of the type "${stat.type}", ${ending}. Let record queue the stat and return nothing; send what is queued in flush and close.`,
    );
  }
}

/** Every kind has its turn: what is slow may be the end of a generation alone. The first slow kind is the last one to be timed. */
async function isQuick({ stats, record }: SinkScene): Promise<void> {
  await Promise.resolve();
  for (const stat of stats) {
    const best = bestTimeOf(() => void settled(record(stat)));
    must(
      best <= SLOW_MS,
      `record took ${Math.round(best)} ms at its best for a stat of the type "${stat.type}", and everybody waits for it. Queue the stat and return; a record should take less than ${SLOW_MS} ms.`,
    );
  }
}

/** Tries until it is quick, or until it has had its tries or its time. */
function bestTimeOf(run: () => void): number {
  const [times, startedAt]: [number[], number] = [[], performance.now()];
  while (times.length < TRIES && performance.now() - startedAt < TRYING_MS && !times.some((time) => time <= SLOW_MS)) {
    const before = performance.now();
    run();
    times.push(performance.now() - before);
  }
  return Math.min(...times);
}

/** The stats are frozen, so that who changes one throws. */
async function changesNothing({ stats, record }: SinkScene): Promise<void> {
  for (const stat of stats) {
    const before = JSON.stringify(stat);
    await settled(record(stat));
    must(
      JSON.stringify(stat) === before,
      `record has changed a stat of the type "${stat.type}", which other sinks get too. Copy it to change it.`,
    );
  }
}

async function flushes({ stats, record, end }: SinkScene): Promise<void> {
  await end('flush');
  for (const stat of stats) {
    await settled(record(stat));
    await end('flush');
  }
}

async function closes({ stats, record, end, clock }: SinkScene): Promise<void> {
  for (const stat of stats) await settled(record(stat));
  await end('flush');
  await end('close');
  must(clock.pending === 0, `${clock.pending} timer(s) of the sink's own still run after close. Cancel them there.`);
}

/** Waits for what record returned, however it ends. Its rejection is caught at once, before another record can throw. */
function settled(result: unknown): Promise<unknown> {
  return Promise.resolve(result).catch(() => undefined);
}
