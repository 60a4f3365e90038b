import { getEventListeners } from 'node:events';
import type { GenerationInput } from 'scriptorium';
import { checkGrammar } from 'scriptorium/testing';
import type { SimulatedProcess } from '../../src/testing/simulation/process.js';
import type { World } from '../../src/testing/simulation/world.js';
import type { Observed, Oracle } from './oracle.js';

/** How a generation is read, and when its reader leaves. */
export interface Reading {
  /** The reader leaves after so many virtual milliseconds. */
  readonly leaveAfterMs?: number;
  /** The reader leaves after so many deltas. */
  readonly leaveAfterDeltas?: number;
  /** By its signal, and not by unsubscribing. */
  readonly bySignal?: boolean;
  /** The reader takes so many virtual milliseconds for each event. */
  readonly pauseMs?: number;
}

/** The process that generates, and its observers. */
export interface Generating {
  readonly world: World;
  readonly oracle: Oracle;
  readonly process: Pick<SimulatedProcess, 'name' | 'run'>;
}

let last = 0;

/** Runs one generation of a process under the eyes of the oracle. Resolves once it is over, whichever way. */
export async function generate(
  { world, oracle, process }: Generating,
  input: GenerationInput,
  reading: Reading = {},
): Promise<Observed> {
  const id = `${process.name}-${(last += 1)}`;
  const seen = oracle.begins(id, input);
  const read = reading.pauseMs === undefined ? subscribed : iterated;
  const abort = new AbortController();
  const outcome = await process.run(({ pipeline }) =>
    read({ world, oracle, pipeline, seen, abort }, { ...input, id, signal: abort.signal }, reading),
  );
  if (outcome === 'killed') oracle.vanished(seen);
  else {
    const listeners = getEventListeners(abort.signal, 'abort').length;
    world.check(listeners === 0, () => `${id} has left ${listeners} listeners at the signal of its reader.`);
  }
  return seen;
}

/** Begins the numbers of generations anew, so that equal worlds have equal names. */
export function resetNames(): void {
  last = 0;
}

interface Reader extends Pick<Generating, 'world' | 'oracle'> {
  readonly pipeline: SimulatedProcess['pipeline'];
  readonly seen: Observed;
  /** Of the signal that goes with the input. */
  readonly abort: AbortController;
}

function subscribed(
  { world, oracle, pipeline, seen, abort }: Reader,
  input: GenerationInput,
  { leaveAfterMs, leaveAfterDeltas, bySignal = false }: Reading,
): Promise<void> {
  return new Promise((resolve) => {
    const leave = (): void => {
      if (seen.isOver) return;
      if (bySignal) {
        abort.abort();
        return;
      }
      subscription.unsubscribe();
      // After the end it leaves with a whole answer, before an interceptor has let the stream complete.
      if (seen.end === undefined) oracle.cancelled(seen);
      else oracle.succeeds(seen);
      resolve();
    };
    const subscription = pipeline
      .stream(input)
      .pipe(checkGrammar())
      .subscribe({
        next: (event) => {
          oracle.takes(seen, event);
          if (seen.deltas === leaveAfterDeltas && event.type === 'text-delta') queueMicrotask(leave);
        },
        error: (error: unknown) => {
          oracle.fails(seen, error);
          resolve();
        },
        complete: () => {
          oracle.succeeds(seen);
          resolve();
        },
      });
    if (leaveAfterMs !== undefined) world.at(leaveAfterMs, leave);
  });
}

async function iterated(
  { world, oracle, pipeline, seen }: Reader,
  input: GenerationInput,
  reading: Reading,
): Promise<void> {
  try {
    for await (const event of pipeline.iterate(input)) {
      oracle.takes(seen, event);
      await world.sleep(reading.pauseMs ?? 0);
      if (seen.deltas === reading.leaveAfterDeltas) {
        oracle.left(seen);
        return;
      }
    }
    oracle.succeeds(seen);
  } catch (error) {
    oracle.fails(seen, error);
  }
}
