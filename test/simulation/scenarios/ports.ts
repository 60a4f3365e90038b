import type { Plugin } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { localSlots } from '../../../src/chain/admit/slots.js';
import type { Random } from '../../../src/core/clock.js';
import type { Fate } from '../../../src/testing/simulation/remote.js';
import { wholeNumber } from '../../../src/testing/simulation/seeded.js';
import { chance, modelOf, promptOf, readingOf } from './choices.js';
import { registerRemoteParts, storesOn } from '../remote-parts.js';
import { scaled } from '../scene.js';
import type { Scenario } from '../scene.js';
import { Stage } from '../stage.js';

export const ports: Scenario = {
  name: 'ports',
  about: 'Every port lives elsewhere, and is slow, away, or loses calls: every generation settles, no text is wrong.',
  run: async (scene) => {
    const { world, random } = scene;
    const stage = new Stage(scene, { faults: { rate: 0.5 } });
    const database = world.host('database.test', () => undefined);
    const stores = storesOn(database);
    const fates = world.random('fates');
    const process = await stage.process('writer', (life) => ({
      config: {
        rateLimit: { requestsPerMinute: 400 },
        concurrency: { max: 12 },
        budget: { dayTokens: 10_000_000 },
        cache: { enabled: true },
        defaults: { temperature: 0 },
        ports: { slots: { onFailure: chance(random, 0.5) ? 'open' : 'closed' } },
      },
      plugins: [failingSink(fates)],
      register: registerRemoteParts(
        stores,
        world.remote(database, life, () => fateOf(fates)),
        {
          random: fates,
          slots: localSlots(database.clock, 12),
        },
      ),
    }));
    const progress = { isOver: false };
    const weather = (async () => {
      while (!progress.isOver) {
        await world.sleep(wholeNumber(random, 10_000, 60_000));
        database.crash(chance(random, 0.5) ? 'loudly' : 'silently');
        await world.sleep(wholeNumber(random, 1_000, 400_000));
        database.start();
      }
    })();
    await stage.crowd(scaled(scene, 90), 15, () =>
      stage.generate(process, { model: modelOf(random), prompt: promptOf(random) }, readingOf(random)),
    );
    progress.isOver = true;
    await weather;
    await stage.close();
  },
};

/** A sink that throws, rejects, or does not answer for a while. */
function failingSink(random: Random): Plugin {
  const record = (): unknown => {
    const kind = random();
    if (kind < 0.05) throw new Error('the sink is full');
    return kind < 0.1 ? Promise.reject(new Error('the sink is away')) : undefined;
  };
  return definePlugin({
    name: 'failing-sink',
    apiVersion: 1,
    setup: (host) => host.addStatSink({ name: 'failing', record: record }),
  });
}

function fateOf(random: Random): Fate {
  const kind = random();
  if (kind < 0.05) return 'refused';
  if (kind < 0.08) return 'unanswered';
  if (kind < 0.1) return 'lost';
  return kind < 0.12 ? 'late' : 'fine';
}
