import type { SimulatedFault } from '../../../src/testing/simulation/faults-row.js';
import type { Scenario } from '../scene.js';
import { ExactWorld } from './exact-world.js';
import type { Ending } from './exact-world.js';

export const cuts: Scenario = {
  name: 'cuts',
  about: 'A text that breaks off is continued as often as it may be, to the last character.',
  run: async (scene) => {
    const world = await ExactWorld.open(
      scene,
      { retry: { jitter: 'none' }, breaker: { minimumCalls: 1_000 } },
      { words: 150 },
    );
    const whole = world.vendor.textFor({
      model: 'scriptorium/exact',
      messages: [{ role: 'user', content: 'Begin.' }],
    });
    const expected = (ending: Ending, what: string, wanted: readonly [number, string, number]): void =>
      world.equal(what, [ending.arrivals.length, ending.stat.outcome, ending.seen.splices], wanted);
    for (const count of [0, 1, 3]) {
      const ending = await world.generate(
        {},
        Array.from({ length: count }, () => cut(25)),
      );
      expected(ending, `${count} cuts`, [count + 1, 'success', count]);
      world.equal('the text', ending.seen.text, whole);
    }
    const failed = await world.generate({ overrides: { continuity: { onBreak: 'fail' } } }, [cut(25)]);
    expected(failed, 'not continued', [1, 'error', 0]);
    world.equal('the reason', failed.stat.errorCode, 'interrupted');
    const anew = await world.generate({ overrides: { continuity: { onBreak: 'restart' } } }, [cut(25)]);
    expected(anew, 'restarted', [2, 'success', 1]);
    const most = await world.generate({ overrides: { continuity: { maxSegments: 2 } } }, [cut(25), cut(25), cut(25)]);
    expected(most, 'too many cuts', [3, 'error', 2]);
    const none = await world.generate({ overrides: { continuity: { maxSegments: 0 } } }, [cut(25)]);
    expected(none, 'no splice allowed', [1, 'error', 0]);
    await world.close();
  },
};

export const plain: Scenario = {
  name: 'plain',
  about: 'Without any fault, a stat says exactly what has happened.',
  run: async (scene) => {
    const world = await ExactWorld.open(scene, {});
    const { stat, beganAt, endedAt, seen } = await world.generate({ labels: { book: 'ada' } });
    const { promptTokens, completionTokens, costUsd } = world.vendor.books;
    const { usage, cost } = stat;
    world.equal('tokens', [usage.inputTokens, usage.outputTokens], [promptTokens, completionTokens]);
    world.equal('source', [usage.source, cost.estimated, cost.unmeasuredAttempts], ['reported', 0, 0]);
    world.within('dollars', cost.known, [costUsd - 1e-9, costUsd + 1e-9]);
    world.equal(
      'about',
      [stat.provider, stat.model, stat.labels],
      ['openrouter', 'scriptorium/exact', { book: 'ada' }],
    );
    world.equal('ending', [stat.outcome, stat.attempts, stat.servedFrom], ['success', 1, 'provider']);
    world.within('latency', stat.latencyMs, [endedAt - beganAt - 1, endedAt - beganAt]);
    world.within('start', stat.startedAt, [
      scene.world.now() - endedAt + beganAt - 1,
      scene.world.now() - endedAt + beganAt + 1,
    ]);
    world.within('first token', stat.timeToFirstTokenMs, [1, stat.latencyMs / 2]);
    world.equal('no waits', [stat.queueMs, stat.backoffMs], [0, 0]);
    world.equal('deltas', seen.deltas > 10, true);
    const left = await world.generate({}, [], { leaveAfterDeltas: 12 });
    world.equal(
      'left',
      [left.stat.outcome, left.stat.usage.source, left.stat.cost.unmeasuredAttempts],
      ['cancelled', 'estimated', 1],
    );
    const tokens = Math.ceil(left.seen.text.length / 4);
    world.within('an estimate', left.stat.usage.outputTokens, [tokens, tokens + 2]);
    world.equal('its prompt', left.stat.usage.inputTokens, Math.ceil('Begin.'.length / 4));
    const early = await world.generate({}, [], { leaveAfterMs: 0 });
    world.equal('left at once', early.stat.outcome, 'cancelled');
    await world.close();
  },
};

/** A stream that breaks off after so many deltas. */
function cut(afterDeltas: number): SimulatedFault {
  return { row: 45, title: 'a cut', vendor: () => ({ reset: { afterDeltas } }) };
}
