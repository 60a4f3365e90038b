import { describe, expect, it } from '@jest/globals';
import type { Clock, ConfigInput, GenerationEvent } from 'scriptorium';
import type { Serve, World } from 'scriptorium/testing';
import { makeCalls } from '../../../../plugins/gateway/calls/make-calls.js';
import type { Calls } from '../../../../plugins/gateway/calls/call.js';
import { EVENT_STREAM, inScene, inWorld, LATENCY_MS, paces, streams } from '../../../support/simulated-scene.js';
import type { SimulatedScene } from '../../../support/simulated-scene.js';
import { delta } from '../../../support/wire.js';
import { jobOf, Reading } from './gateway-calls.js';
import type { Asking } from './gateway-calls.js';

interface GatewayScene extends SimulatedScene {
  readonly calls: Calls;
  ask(asking?: Asking): Reading;
}

/** A gateway over a real pipeline in a world. */
async function inGateway(
  world: World,
  { scripts, config = {} }: { readonly scripts: readonly Serve[]; readonly config?: ConfigInput },
  work: (scene: GatewayScene) => Promise<void>,
): Promise<void> {
  await inScene(world, { scripts, config }, async (scene) => {
    const calls = makeCalls(scene.pipeline, clockOf(world));
    await work({ ...scene, calls, ask: (asking = {}) => new Reading(calls.open(jobOf(asking))) });
    calls.close();
  });
}

function clockOf(world: World): Clock {
  return { now: () => world.now(), monotonic: () => world.elapsedMs, setTimer: (ms, run) => world.at(ms, run) };
}

/** Begins a stream, and resets the connection after these texts. */
function breaksAfter(...texts: readonly string[]): Serve {
  return async (_, exchange) => {
    exchange.open(200, EVENT_STREAM);
    for (const text of texts) await exchange.write(delta(text));
    await exchange.pause(50);
    exchange.reset();
  };
}

const NEVER_RESUMED: ConfigInput = { retry: { maxAttempts: 1 }, continuity: { maxSegments: 0 } };

function costOf(scene: SimulatedScene): number {
  return scene.sink.generations.reduce((sum, { cost }) => sum + cost.known + cost.estimated, 0);
}

function endOf(events: readonly GenerationEvent[]): GenerationEvent & { readonly type: 'generation-end' } {
  const end = events.at(-1);
  if (end?.type !== 'generation-end') throw new Error('Expected an end');
  return end;
}

describe('a chapter that is sent four times', () => {
  it(
    'is written and paid once',
    inWorld((world) =>
      inGateway(world, { scripts: [paces(1_000, 'One. ', 'Two. ', 'Three.')] }, async (scene) => {
        for (let sent = 1; sent <= 3; sent += 1) {
          const reading = scene.ask();
          await world.sleep(500);
          reading.call.abandon();
        }
        const last = scene.ask();
        await world.sleep(5_000);
        last.call.delivered();
        expect({ text: last.text, requests: scene.server.requests.length }).toEqual({
          text: 'One. Two. Three.',
          requests: 1,
        });
        expect(scene.sink.generations).toMatchObject([{ outcome: 'success', attempts: 1 }]);
        expect(endOf(last.events).usage.costUsd).toBe(costOf(scene));
      }),
    ),
  );

  it(
    'is counted although no client waits for it',
    inWorld((world) =>
      inGateway(world, { scripts: [paces(1_000, 'One. ', 'Two.')] }, async (scene) => {
        const reading = scene.ask();
        await world.sleep(500);
        reading.call.abandon();
        await world.sleep(10_000);
        expect(scene.sink.generations).toMatchObject([{ outcome: 'success' }]);
        expect({ counted: costOf(scene), learnt: endOf(reading.events).usage.costUsd }).toEqual({
          counted: 0.0003,
          learnt: 0.0003,
        });
      }),
    ),
  );

  it(
    'is cancelled when nobody has come back in time',
    inWorld((world) =>
      inGateway(world, { scripts: [paces(1_000, ...Array.from({ length: 100 }, () => 'x '))] }, async (scene) => {
        const reading = scene.ask({ reattachMs: 3_000 });
        await world.sleep(500);
        reading.call.abandon();
        await world.sleep(2_990);
        expect(scene.server.openConnections()).toBe(1);
        await world.sleep(20 + 2 * LATENCY_MS);
        expect({ open: scene.server.openConnections(), code: reading.error?.code }).toEqual({
          open: 0,
          code: 'aborted',
        });
      }),
    ),
  );
});

describe('a generation that breaks off for good', () => {
  it.each([
    ['a stream', true],
    ['a whole answer', false],
  ])('is continued for the same request as %s, and its bill is the sum of both', (_, isStream) =>
    inWorld((world) =>
      inGateway(
        world,
        {
          scripts: [breaksAfter('Once upon '), streams('Once upon a time.')],
          config: { ...NEVER_RESUMED, plugins: { openrouter: { prefill: { 'a/model': 'instructed' } } } },
        },
        async (scene) => {
          const first = scene.ask({ isStream });
          await world.sleep(1_000);
          expect({ text: first.text, code: first.error?.code }).toEqual({ text: 'Once upon ', code: 'interrupted' });
          const second = scene.ask({ isStream });
          await world.sleep(1_000);
          second.call.delivered();
          const { usage, attempts = [] } = endOf(second.events);
          expect({ text: second.text, attempts: attempts.length }).toEqual({ text: 'Once upon a time.', attempts: 2 });
          expect(scene.sink.generations.map(({ outcome }) => outcome)).toEqual(['error', 'success']);
          const output = scene.sink.generations.map((generation) => generation.usage.outputTokens);
          expect(usage.outputTokens).toBe(output.reduce((sum, tokens) => sum + tokens, 0));
          expect((usage.costUsd ?? 0) + (usage.estimatedCostUsd ?? 0)).toBeCloseTo(costOf(scene), 11);
        },
      ),
    )(),
  );
});

describe('a configuration with onBreak', () => {
  const unjoined = [breaksAfter('Once upon a time there was '), streams('Something else altogether.')];
  it(
    'restart continues the text of a stream',
    inWorld((world) =>
      inGateway(
        world,
        {
          scripts: [breaksAfter('Once upon '), streams('Once upon a time.')],
          config: { continuity: { onBreak: 'restart' } },
        },
        async (scene) => {
          const reading = scene.ask();
          await world.sleep(1_000);
          expect({ text: reading.text, types: reading.events.map(({ type }) => type) }).toEqual({
            text: 'Once upon a time.',
            types: expect.not.arrayContaining(['restart']),
          });
          reading.call.delivered();
        },
      ),
    ),
  );

  it(
    'restart writes a whole answer anew',
    inWorld((world) =>
      inGateway(world, { scripts: unjoined, config: { continuity: { onBreak: 'restart' } } }, async (scene) => {
        const reading = scene.ask({ isStream: false });
        await world.sleep(1_000);
        expect({
          text: reading.text,
          restarts: reading.events.filter(({ type }) => type === 'restart').length,
        }).toEqual({
          text: 'Something else altogether.',
          restarts: 1,
        });
        reading.call.delivered();
      }),
    ),
  );

  it.each([
    ['a stream', true],
    ['a whole answer', false],
  ])('fail fails %s', (_, isStream) =>
    inWorld((world) =>
      inGateway(world, { scripts: unjoined, config: { continuity: { onBreak: 'fail' } } }, async (scene) => {
        const reading = scene.ask({ isStream, reattachMs: 0 });
        await world.sleep(1_000);
        expect({ code: reading.error?.code, requests: scene.server.requests.length }).toEqual({
          code: 'interrupted',
          requests: 1,
        });
      }),
    )(),
  );
});

describe('a request that comes again after a broken text', () => {
  it.each([
    { onBreak: 'resume' as const, own: undefined, expected: 'continued' },
    { onBreak: 'fail' as const, own: undefined, expected: 'anew' },
    { onBreak: 'fail' as const, own: 'resume' as const, expected: 'continued' },
    { onBreak: 'resume' as const, own: 'fail' as const, expected: 'anew' },
  ])('is $expected where the configuration says $onBreak and the request $own', ({ onBreak, own, expected }) =>
    inWorld((world) =>
      inGateway(
        world,
        {
          scripts: [breaksAfter('Once upon '), streams('Once upon a time.')],
          config: {
            retry: { maxAttempts: 1 },
            continuity: { maxSegments: 0, onBreak },
            plugins: { openrouter: { prefill: { 'a/model': 'instructed' } } },
          },
        },
        async (scene) => {
          const input = { prompt: 'Write.', ...(own && { overrides: { continuity: { onBreak: own } } }) };
          scene.ask({ input });
          await world.sleep(1_000);
          const second = scene.ask({ input });
          await world.sleep(1_000);
          second.call.delivered();
          const { attempts = [] } = endOf(second.events);
          expect({ text: second.text, attempts: attempts.length, requests: scene.server.requests.length }).toEqual({
            ...{ text: 'Once upon a time.', requests: 2 },
            attempts: expected === 'continued' ? 2 : 1,
          });
        },
      ),
    )(),
  );
});

describe('a client that leaves without reattachMs', () => {
  it(
    'leaves a closed connection, and learns what its generation has cost',
    inWorld((world) =>
      inGateway(world, { scripts: [paces(1_000, 'One. ', 'Two.')] }, async (scene) => {
        const reading = scene.ask({ reattachMs: 0 });
        await world.sleep(500);
        reading.call.abandon();
        await world.sleep(2 * LATENCY_MS);
        expect({
          open: scene.server.openConnections(),
          attempts: reading.error?.attempts.map(({ outcome }) => outcome),
          counted: scene.sink.generations.map(({ outcome }) => outcome),
        }).toEqual({ open: 0, attempts: ['cancelled'], counted: ['cancelled'] });
      }),
    ),
  );
});
