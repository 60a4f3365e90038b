import { openrouter } from 'scriptorium/plugins/openrouter';
import type { Plugin } from 'scriptorium';
import type { Exchange } from 'scriptorium/testing';
import type { SimulatedProcess } from '../../../src/testing/simulation/process.js';
import { oneOf, wholeNumber } from '../../../src/testing/simulation/seeded.js';
import type { World } from '../../../src/testing/simulation/world.js';
import { chance, modelOf, promptOf } from './choices.js';
import { scaled } from '../scene.js';
import type { Scenario } from '../scene.js';
import { Stage } from '../stage.js';

export const slowReaders: Scenario = {
  name: 'slow-readers',
  about: 'Readers that take their time hold the connection back, and get every character.',
  run: async (scene) => {
    const { world, random } = scene;
    const windowBytes = oneOf(random, [1_000, 16_000, 64_000]);
    const stage = new Stage(scene, { faults: { rate: 0.4 }, tokensPerSecond: 400, words: 60, windowBytes });
    const flood = new Flood(world, windowBytes);
    const process = await stage.process('writer', { plugins: [flood.provider] });
    const reading = flood.readBy(process);
    await stage.crowd(scaled(scene, 30), 10, () =>
      stage.generate(
        process,
        { model: modelOf(random), prompt: promptOf(random) },
        {
          pauseMs: wholeNumber(random, 0, 400),
          ...(chance(random, 0.1) && { leaveAfterDeltas: wholeNumber(random, 1, 40) }),
        },
      ),
    );
    await reading;
    await stage.close();
  },
};

/** Characters of one delta, and deltas of the answer: more than a reader's buffer of 4 MB holds, at 2 bytes a character. */
const [DELTA, DELTAS] = [16_000, 180];
const BUFFERED = (4 * 1024 * 1024) / 2;

/** An answer of megabytes, and a reader that rests before it takes the second piece. */
class Flood {
  readonly provider: Plugin;
  private sent = 0;

  constructor(
    private readonly world: World,
    private readonly windowBytes: number,
  ) {
    const { url } = world.host('flood.test', (_request, exchange) => this.serve(exchange), { windowBytes });
    this.provider = openrouter({ id: 'flood', apiKey: 'simulated-key', baseUrl: `${url}/api/v1` });
  }

  /** Checks that the answer is held back as long as its reader rests, longer than any timeout, and then comes whole. */
  async readBy({ pipeline }: SimulatedProcess): Promise<void> {
    const { world } = this;
    let [taken, count] = [0, 0];
    for await (const event of pipeline.iterate({ provider: 'flood', model: 'a/flood', prompt: 'Tell all.' })) {
      if (event.type !== 'text-delta') continue;
      if (taken === 0) {
        await world.sleep(600_000);
        world.check(this.sent < DELTA * DELTAS, 'A reader rests, but its pipeline has read the whole answer.');
      } else await world.sleep(10);
      const unread = this.sent - taken;
      world.check(unread <= BUFFERED + this.windowBytes + 3 * DELTA, () => `${unread} characters were not read yet.`);
      world.check(event.delta.startsWith(`${count} `), () => `Piece ${count} of the flood is missing.`);
      [taken, count] = [taken + event.delta.length, count + 1];
    }
    world.check(taken === DELTA * DELTAS, () => `${taken} characters of the flood arrived.`);
  }

  private async serve(exchange: Exchange): Promise<void> {
    const chunk = (content: string, finish: string | null = null): string =>
      `data: ${JSON.stringify({ id: 'gen-flood', model: 'a/flood', choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
    exchange.open(200, { 'content-type': 'text/event-stream' });
    for (let count = 0; count < DELTAS; count += 1) {
      this.sent += DELTA;
      await exchange.write(chunk(`${count} `.padEnd(DELTA, 'x')));
    }
    await exchange.end(`${chunk('', 'stop')}data: [DONE]\n\n`);
  }
}
