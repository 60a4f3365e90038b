import { describe, expect, it } from '@jest/globals';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { SIMULATED_FAULTS } from '../../src/testing/simulation/faults.js';
import type { SimulatedFault } from '../../src/testing/simulation/faults-row.js';
import type { SimulatedProcess } from '../../src/testing/simulation/process.js';
import { SimulationError } from '../../src/testing/simulation/simulation-error.js';
import { simulate } from '../../src/testing/simulation/simulate.js';
import { emulatedVendor } from '../../src/testing/simulation/vendor.js';
import type { SimulatedVendor, SimulatedVendorOptions } from '../../src/testing/simulation/vendor.js';
import type { World } from '../../src/testing/simulation/world.js';

const MODEL = 'scriptorium/exact';
const FREE = `${MODEL}:free`;
const SERVER_ERROR: SimulatedFault = { row: 20, title: 'a 500', vendor: () => ({ status: 500 }) };

interface Scene {
  readonly world: World;
  readonly vendor: SimulatedVendor;
  readonly writer: SimulatedProcess;
}

/** Runs work with a vendor and one process, which is stopped afterwards. */
async function scene<T>(options: SimulatedVendorOptions, work: (scene: Scene) => Promise<T>, seed = 1) {
  return simulate({ seed }, async (world) => {
    const vendor = emulatedVendor(world, { words: 60, ...options });
    const writer = await world.process('writer', {
      plugins: [openrouter({ apiKey: 'simulated', baseUrl: vendor.url, prefill: { '*': 'exact' } })],
      config: { defaults: { model: MODEL } },
    });
    const value = await work({ world, vendor, writer });
    await writer.stop();
    return value;
  });
}

const textOf = (vendor: SimulatedVendor, prompt: string, model = MODEL): string =>
  vendor.textFor({ model, messages: [{ role: 'user', content: prompt }] });

/** Whether a generation succeeds. */
const succeeds = ({ writer }: Pick<Scene, 'writer'>, prompt: string, model = MODEL): Promise<boolean> =>
  writer.pipeline.generate({ prompt, model }).then(
    () => true,
    () => false,
  );

describe('a vendor in a world', () => {
  it("writes its own text at its own pace, on the world's time", async () => {
    const { value, elapsedMs } = await scene({ tokensPerSecond: 10 }, async ({ vendor, writer }) => {
      const { text, usage, cost } = await writer.pipeline.generate({ prompt: 'Begin.' });
      return { text, usage, cost, whole: textOf(vendor, 'Begin.'), books: vendor.books };
    });
    expect(value.text).toBe(value.whole);
    expect(value.books).toMatchObject({ requests: 1, accepted: 1, completionTokens: value.usage.outputTokens });
    expect(value.books.costUsd).toBeCloseTo(value.cost.known, 9);
    expect(elapsedMs).toBeGreaterThan((value.usage.outputTokens - 1) * 100);
    expect(elapsedMs).toBeLessThan((value.usage.outputTokens + 1) * 100 + 1_000);
  });

  it('is the same for the same seed, to its ids, and another for another', async () => {
    const run = (seed: number) =>
      scene(
        { faults: { rate: 0.5, rows: [20, 45, 46, 73] } },
        async ({ vendor, writer }) => {
          for (const prompt of ['One.', 'Two.', 'Three.']) await succeeds({ writer }, prompt);
          return { ids: vendor.requests.map(({ id }) => id), met: [...vendor.faultsMet] };
        },
        seed,
      );
    const [one, again, other] = [await run(1), await run(1), await run(2)];
    expect(again).toEqual(one);
    expect(other.value.ids).not.toEqual(one.value.ids);
  });

  it('has a name and a clock of its own', async () => {
    const skewMs = -3_600_000;
    const { value } = await scene({ name: 'other.test', skewMs }, async ({ vendor, writer }) => {
      await writer.pipeline.generate({ prompt: 'Begin.' });
      return { url: vendor.url, arrivedMs: vendor.requests[0]!.arrivedAt - Date.UTC(2026, 0, 1) - skewMs };
    });
    expect(value.url).toBe('https://other.test/api/v1');
    expect(value.arrivedMs).toBeGreaterThan(0);
    expect(value.arrivedMs).toBeLessThan(500);
  });

  it('keeps the headers of a request, and not its key', async () => {
    const { value } = await scene({}, async ({ vendor, writer }) => {
      await writer.pipeline.generate({ prompt: 'Begin.', headers: { 'X-Generation': 'one' } });
      return vendor.requests[0]!.headers;
    });
    expect(value).toMatchObject({ 'x-generation': 'one', authorization: '[redacted]' });
  });

  it('keeps its limits, and enters refusals in its books', async () => {
    const { value } = await scene({ limits: { requestsPerMinute: 2 } }, async ({ vendor, writer }) => {
      const prompts = ['One.', 'Two.', 'Three.', 'Four.', 'Five.'];
      const all = await Promise.all(prompts.map((prompt) => succeeds({ writer }, prompt, FREE)));
      return { all, books: vendor.books };
    });
    expect(value.all).toEqual([true, true, true, true, true]);
    expect(value.books.mostInAWindow).toBe(2);
    expect(value.books.accepted).toBe(5);
    expect(value.books.refused['per-minute']).toBeGreaterThan(0);
  });

  it('ends the requests under way as its own failure when it crashes, and serves again once it is started', async () => {
    const { value } = await scene({}, async ({ world, vendor, writer }) => {
      world.at(500, () => vendor.host.crash());
      world.at(3_000, () => vendor.host.start());
      const { text } = await writer.pipeline.generate({ prompt: 'Begin.' });
      await world.sleep(1_000);
      return { text, whole: textOf(vendor, 'Begin.'), outcomes: vendor.requests.map(({ outcome }) => outcome) };
    });
    expect(value.text).toBe(value.whole);
    expect(value.outcomes).toEqual(['faulted', 'completed']);
  });
});

describe('a mistake of the vendor itself', () => {
  it('fails the world with its stack', async () => {
    const fault = (): never => {
      throw new TypeError('Cannot read the script');
    };
    const mistaken = scene({ fault }, ({ writer }) => succeeds({ writer }, 'Begin.'));
    const error: unknown = await mistaken.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SimulationError);
    expect(String(error)).toMatch(/A simulated server threw: TypeError: Cannot read.*\n +at .*vendor\.test\.ts/);
  });
});

describe('the faults of a vendor', () => {
  it('are chosen by its option where neither the script nor chance has one', async () => {
    const { value } = await scene(
      { fault: ({ headers }, index) => (headers['x-bad'] === 'yes' ? { status: index === 0 ? 400 : 401 } : undefined) },
      async ({ vendor, writer }) => {
        vendor.script(SERVER_ERROR);
        const bad = { headers: { 'x-bad': 'yes' } };
        await writer.pipeline
          .generate({ prompt: 'One.', ...bad, overrides: { retry: { maxAttempts: 2 } } })
          .catch(() => 0);
        await succeeds({ writer }, 'Two.');
        return vendor.requests.map(({ status }) => status);
      },
    );
    expect(value).toEqual([500, 401, 200]);
  });

  it('strike chat requests and nothing else', async () => {
    const { value } = await scene({ faults: { rate: 1, rows: [1, 20] } }, async ({ vendor, writer }) => {
      const models = await writer.pipeline.models();
      const { label } = await writer.pipeline.key();
      const met = vendor.faultsMet.size;
      const isWhole = await succeeds({ writer }, 'Begin.');
      return {
        models: models.length,
        label,
        lookUps: [...vendor.lookUps],
        met,
        isWhole,
        after: [...vendor.faultsMet.keys()].sort(),
      };
    });
    expect(value).toMatchObject({
      met: 0,
      isWhole: false,
      lookUps: ['GET /models', 'GET /key'],
      label: 'sk-or-v1-emulated',
    });
    expect(value.models).toBeGreaterThan(0);
    expect(value.after).toEqual([1, 20]);
  });

  it('come in the order of the script, one for each request, before chance', async () => {
    const { value } = await scene({ faults: { rate: 1, rows: [46] } }, async ({ vendor, writer }) => {
      vendor.script(SERVER_ERROR, undefined);
      const isWhole = await succeeds({ writer }, 'Begin.');
      return { isWhole, met: [...vendor.faultsMet], statuses: vendor.requests.map(({ status }) => status) };
    });
    expect(value).toEqual({ isWhole: true, met: [[20, 1]], statuses: [500, 200] });
  });

  it('are not counted for a request that the vendor refuses by itself', async () => {
    const reset: SimulatedFault = { row: 49, title: 'cut', wire: () => ({ at: 'body', code: 'ECONNRESET' }) };
    const { value } = await scene({ limits: { upstreamPerMinute: 1 } }, async ({ vendor, writer }) => {
      vendor.script(undefined, SERVER_ERROR, reset);
      await succeeds({ writer }, 'One.');
      await writer.pipeline
        .generate({ prompt: 'Two.', overrides: { retry: { maxAttempts: 2 } } })
        .catch(() => undefined);
      return { met: [...vendor.faultsMet], statuses: vendor.requests.map(({ status }) => status) };
    });
    expect(value).toEqual({ met: [], statuses: [200, 429, 429] });
  });

  it('tie each request to its own fault when many run at once', async () => {
    const { value } = await scene({}, async ({ vendor, writer }) => {
      const faults = [20, 22, 31].map((row) => SIMULATED_FAULTS.find((fault) => fault.row === row));
      vendor.script(...faults);
      await Promise.all(['One.', 'Two.', 'Three.', 'Four.'].map((prompt) => succeeds({ writer }, prompt)));
      return {
        met: [...vendor.faultsMet].sort(([a], [b]) => a - b),
        statuses: vendor.requests.map(({ status }) => status).sort(),
      };
    });
    expect(value.met).toEqual([
      [20, 1],
      [22, 1],
      [31, 1],
    ]);
    expect(value.statuses).toEqual([200, 200, 200, 401, 500, 529]);
  });
});
