import { GenerationError } from 'scriptorium';
import type { AttemptRecord, ConfigInput, GenerationEvent, Pipeline } from 'scriptorium';
import { checkGrammar } from 'scriptorium/testing';
import { openrouter } from 'scriptorium/plugins/openrouter';
import type { SimulatedFault } from '../../src/testing/simulation/faults-row.js';
import { simulate } from '../../src/testing/simulation/simulate.js';
import { emulatedVendor } from '../../src/testing/simulation/vendor.js';
import type { SimulatedVendorOptions } from '../../src/testing/simulation/vendor.js';
import { textOf } from '../support/pipelines.js';

const MODEL = 'scriptorium/exact';
const PROMPT = 'Begin.';

/** One generation in a world of its own, as its subscriber and the vendor saw it. */
export interface FaultedRun {
  readonly events: readonly GenerationEvent[];
  /** The text that was delivered. */
  readonly text: string;
  readonly error?: GenerationError;
  /** How the attempts ended: an error's code, or `ok`. */
  readonly tries: readonly string[];
  /** The vendor's text. */
  readonly whole: string;
  /** Virtual milliseconds between the vendor's first two requests. */
  readonly gapMs: number;
  readonly faultsMet: readonly (readonly [row: number, count: number])[];
  /** What the run has left behind: timers, connections of the client, connections of the host. */
  readonly left: readonly [number, number, number];
  /** The vendor's books, US dollars. */
  readonly billedUsd: number;
}

/** A run's settings. */
export interface FaultedRunOptions {
  readonly config?: ConfigInput;
  readonly vendor?: SimulatedVendorOptions;
  /** How many requests meet the fault; 1 by default. */
  readonly times?: number;
}

/** Runs one generation whose first requests meet a fault. */
export async function runWith(
  fault: SimulatedFault,
  { config = {}, vendor: options = {}, times = 1 }: FaultedRunOptions = {},
): Promise<FaultedRun> {
  const { value } = await simulate({ seed: `${fault.row} ${fault.title}` }, async (world) => {
    const vendor = emulatedVendor(world, { words: 60, ...options });
    vendor.script(...Array.from({ length: times }, () => fault));
    const writer = await world.process('writer', {
      plugins: [openrouter({ apiKey: 'simulated-key', baseUrl: vendor.url, prefill: { [MODEL]: 'exact' } })],
      config: { ...config, defaults: { model: MODEL, ...config.defaults } },
    });
    const { events, error } = await watch(writer.pipeline);
    await world.sleep(5_000);
    const timers = writer.timers;
    await writer.stop();
    await world.sleep(1_000);
    const [first = NaN, second = NaN] = vendor.requests.map(({ arrivedAt }) => arrivedAt);
    const end = events.at(-1);
    return {
      events,
      text: textOf(events),
      ...(error && { error }),
      tries: triesOf(error?.attempts ?? (end?.type === 'generation-end' ? end.attempts : undefined)),
      whole: vendor.textFor({ model: MODEL, messages: [{ role: 'user', content: PROMPT }] }),
      gapMs: second - first,
      faultsMet: [...vendor.faultsMet],
      left: [timers, writer.connections, vendor.host.connections],
      billedUsd: vendor.books.costUsd,
    } satisfies FaultedRun;
  });
  return value;
}

function watch(
  pipeline: Pipeline,
): Promise<{ readonly events: readonly GenerationEvent[]; readonly error?: GenerationError }> {
  return new Promise((resolve, reject) => {
    const events: GenerationEvent[] = [];
    pipeline
      .stream({ prompt: PROMPT })
      .pipe(checkGrammar())
      .subscribe({
        next: (event) => events.push(event),
        error: (error: unknown) => {
          if (GenerationError.is(error)) resolve({ events, error });
          else reject(new Error('The failure is not a GenerationError.', { cause: error }));
        },
        complete: () => resolve({ events }),
      });
  });
}

function triesOf(attempts: readonly AttemptRecord[] = []): readonly string[] {
  return attempts.map(({ outcome, errorCode }) => errorCode ?? (outcome === 'success' ? 'ok' : outcome));
}
