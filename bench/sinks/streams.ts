import { openrouter } from '../../plugins/openrouter/index.js';
import { createPipeline } from '../../src/index.js';
import type { Pipeline } from '../../src/index.js';
import type { Plugin } from '../../src/plugin.js';
import { cpuOf } from '../kit/cpu.js';
import { quantile } from '../kit/quantile.js';

export interface StreamsOptions {
  readonly rounds: number;
  /** Streams a round. */
  readonly streams: number;
  /** Words of each text. */
  readonly words: number;
  readonly url: string;
}

interface Side {
  readonly pipeline: Pipeline;
  /** Milliseconds of CPU a stream, one entry a round. */
  readonly times: number[];
}

const WARM_UP = 50;

/** Milliseconds of CPU a stream, including what the sinks write meanwhile. */
async function streamCost(pipeline: Pipeline, count: number): Promise<number> {
  const cpu = await cpuOf(async () => {
    for (let index = 0; index < count; index += 1) {
      await pipeline.generate({ prompt: `Chapter ${index}.`, labels: { chapter: String(index % 20) } });
    }
  });
  return cpu / 1_000 / count;
}

async function sideWith(url: string, plugins: readonly Plugin[]): Promise<Side> {
  const pipeline = await createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'k', baseUrl: url }), ...plugins],
    config: { logging: { level: 'silent' }, defaults: { model: 'scriptorium/exact' } },
  });
  return { pipeline, times: [] };
}

/** Measures the streams with the sinks and twice without: the distance of those two is the noise of the run. */
export async function measureStreams(
  { rounds, streams, words, url }: StreamsOptions,
  sinks: readonly Plugin[],
): Promise<void> {
  const [without, again, withThree] = [await sideWith(url, []), await sideWith(url, []), await sideWith(url, sinks)];
  const sides = [without, again, withThree];
  for (const { pipeline } of sides) await streamCost(pipeline, WARM_UP);
  for (let round = 0; round < rounds; round += 1) {
    const first = round % sides.length;
    for (const { pipeline, times } of [...sides.slice(first), ...sides.slice(0, first)])
      times.push(await streamCost(pipeline, streams));
  }
  for (const { pipeline } of sides) await pipeline.dispose();

  const figures = Object.entries({ medians: 0.5, 'quickest tenths': 0.1 }).map(([what, share]) => {
    const [bare, bareAgain, three] = [
      quantile(without.times, share),
      quantile(again.times, share),
      quantile(withThree.times, share),
    ];
    const costs = `${bare.toFixed(2)} ms without sinks, ${three.toFixed(2)} ms with three, ratio ${(three / bare).toFixed(3)}`;
    return `by the ${what} ${costs} (without, against the same again: ${(bareAgain / bare).toFixed(3)})`;
  });
  console.log(`CPU of a stream of ${words} words, ${rounds} rounds of ${streams}: ${figures.join('; ')}`);
}
