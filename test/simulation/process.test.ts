import { describe, expect, it } from '@jest/globals';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { tokens } from 'scriptorium';
import type { Lease, Slots } from 'scriptorium';
import { of } from 'rxjs';
import { simulate } from '../../src/testing/simulation/simulate.js';
import type { SimulatedProcess, Standstill } from '../../src/testing/simulation/process.js';
import type { World } from '../../src/testing/simulation/world.js';
import { aChatStream } from '../../src/testing/fake-transport.js';

/** For processes that generate nothing. */
const PLUGINS = [openrouter({ apiKey: 'simulated', baseUrl: 'https://nowhere.test' })];
const HOUR_MS = 3_600_000;

/** Runs work with a process whose clocks begin at the start of the world. */
async function withProcess<T>(work: (process: SimulatedProcess, world: World) => Promise<T>): Promise<T> {
  const { value } = await simulate({ seed: 1 }, async (world) => {
    const process = await world.process('laptop', { plugins: PLUGINS });
    const result = await work(process, world);
    await process.stop();
    return result;
  });
  return value;
}

/** The times at which a timer of a minute fires if its process stands still for an hour from the tenth second on. */
function afterAnHour(standstill: Standstill) {
  return withProcess(async (process, world) => {
    const startAt = process.clock.now();
    let firedAt: unknown;
    process.clock.setTimer(60_000, () => {
      const { clock } = process;
      firedAt = { worldMs: world.elapsedMs, wallMs: clock.now() - startAt, monotonicMs: clock.monotonic() };
    });
    await world.sleep(10_000);
    process.pause(standstill);
    await world.sleep(HOUR_MS);
    const during = { wallMs: process.clock.now() - startAt, monotonicMs: process.clock.monotonic() };
    process.resume();
    await world.sleep(60_000);
    return { during, firedAt };
  });
}

describe('a process that stands still', () => {
  it('fires its missed timers when it goes on', async () => {
    expect(await afterAnHour({})).toEqual({
      during: { wallMs: HOUR_MS + 10_000, monotonicMs: HOUR_MS + 10_000 },
      firedAt: { worldMs: HOUR_MS + 10_000, wallMs: HOUR_MS + 10_000, monotonicMs: HOUR_MS + 10_000 },
    });
  });

  it('has later timers if its monotonic clock stood still, while the wall clock went on', async () => {
    expect(await afterAnHour({ stops: 'monotonic' })).toEqual({
      during: { wallMs: HOUR_MS + 10_000, monotonicMs: 10_000 },
      firedAt: { worldMs: HOUR_MS + 60_000, wallMs: HOUR_MS + 60_000, monotonicMs: 60_000 },
    });
  });

  it('is behind afterwards if its wall clock stood still, while the monotonic clock went on', async () => {
    expect(await afterAnHour({ stops: 'wall' })).toEqual({
      during: { wallMs: 10_000, monotonicMs: HOUR_MS + 10_000 },
      firedAt: { worldMs: HOUR_MS + 10_000, wallMs: 10_000, monotonicMs: HOUR_MS + 10_000 },
    });
  });

  it('moves only its own timers that have not come up yet', async () => {
    const fired = await withProcess(async (process, world) => {
      const other = await world.process('other', { plugins: PLUGINS });
      const order: string[] = [];
      const note = (name: string) => () => void order.push(`${name} ${world.elapsedMs}`);
      process.clock.setTimer(30_000, note('late'));
      other.clock.setTimer(30_000, note('other'));
      process.clock.setTimer(5_000, note('early'));
      await world.sleep(10_000);
      process.pause({ stops: 'monotonic' });
      await world.sleep(10_000);
      process.resume();
      process.clock.setTimer(20_000, note('new'));
      await world.sleep(60_000);
      await other.stop();
      return order;
    });
    expect(fired).toEqual(['early 5000', 'other 30000', 'late 40000', 'new 40000']);
  });
});

describe('a process that is killed', () => {
  it('calls none of its timers, and closes its connections at once', async () => {
    const { value } = await simulate({ seed: 1 }, async (world) => {
      const host = world.host('vendor.test', (_request, exchange) => exchange.untilGone());
      const victim = await world.process('victim', {
        plugins: [openrouter({ apiKey: 'simulated', baseUrl: `${host.url}/api/v1` })],
      });
      const outcome = victim.run(({ pipeline }) => pipeline.generate({ model: 'a/model', prompt: 'Begin.' }));
      await world.sleep(1_000);
      const before = { connections: host.connections, isSet: victim.timers > 0 };
      let fired = false;
      victim.clock.setTimer(10, () => (fired = true));
      victim.kill();
      const at = { ofVictim: victim.connections, timers: victim.timers };
      await world.sleep(1_000);
      return { before, at, after: { connections: host.connections, fired, outcome: await outcome } };
    });
    expect(value).toEqual({
      before: { connections: 1, isSet: true },
      at: { ofVictim: 0, timers: 0 },
      after: { connections: 0, fired: false, outcome: 'killed' },
    });
  });
});

describe('a timer of a process', () => {
  it('ends at last if the rest of its time is lost in the sum', async () => {
    const calls = await withProcess(async ({ clock }, world) => {
      await world.sleep(300 * 24 * HOUR_MS);
      const end = clock.monotonic() + 1e-5;
      let count = 0;
      const again = (): void => {
        count += 1;
        if (clock.monotonic() < end) clock.setTimer(1e-9, again);
      };
      again();
      await world.sleep(1_000);
      return count;
    });
    expect(calls).toBe(2);
  });
});

describe('a process that cannot be set up', () => {
  it("is closed without the machine's timers", async () => {
    await expect(simulate({ seed: 1 }, (world) => world.process('empty'))).rejects.toThrow(
      /^The pipeline has no provider\./,
    );
  });
});

describe('the leases of a process', () => {
  const SLOT: Lease = { isValid: () => true, release: () => undefined };
  const slots: Slots = { acquire: () => of({ type: 'admitted', lease: SLOT }) };

  it('are counted while an attempt has them, and given back at its end', async () => {
    const { value } = await simulate({ seed: 1 }, async (world) => {
      const held: number[] = [];
      const writer = await world.process('writer', {
        plugins: [openrouter({ apiKey: 'simulated', baseUrl: vendorOf(world, () => held.push(writer.leases)) })],
        register: (container) => void container.register<Slots>(tokens.SLOTS, { useValue: slots }),
        config: { concurrency: { max: 3 }, budget: { processTokens: 100_000 }, defaults: { maxTokens: 100 } },
      });
      await writer.pipeline.generate({ model: 'a/model', prompt: 'Begin.' });
      held.push(writer.leases);
      await writer.stop();
      return held;
    });
    // A limit, a slot, a pass and a reservation.
    expect(value).toEqual([4, 0]);
  });
});

/** A vendor of one answer. @returns the base URL */
function vendorOf(world: World, served: () => void): string {
  const host = world.host('vendor.test', (_request, exchange) => {
    served();
    exchange.open(200, { 'content-type': 'text/event-stream' });
    return exchange.end(aChatStream('A text.').body.join(''));
  });
  return `${host.url}/api/v1`;
}

describe('a reader that does not read', () => {
  it.each([
    ['world', 1_000, undefined],
    ['host', undefined, 1_000],
    ['default', undefined, undefined],
  ] as const)('holds the server back once the window of the %s is full', async (_of, ofWorld, ofHost) => {
    const { value } = await simulate(
      { seed: 1, ...(ofWorld !== undefined && { windowBytes: ofWorld }) },
      async (world) => {
        let sent = 0;
        const host = world.host(
          'vendor.test',
          async (_request, exchange) => {
            reader.pause();
            exchange.open(200, {});
            for (;;) {
              sent += 100;
              await exchange.write('x'.repeat(100));
            }
          },
          { ...(ofHost !== undefined && { windowBytes: ofHost }) },
        );
        const reader = await world.process('reader', {
          plugins: [openrouter({ apiKey: 'simulated', baseUrl: `${host.url}/api/v1` })],
        });
        const events = reader.pipeline.iterate({ model: 'a/model', prompt: 'Begin.' });
        void events.next();
        await world.sleep(10_000);
        const before = sent;
        reader.kill();
        await world.sleep(1_000);
        return before;
      },
    );
    expect(value).toBe(ofWorld === undefined && ofHost === undefined ? 65_600 : 1_100);
  });
});
