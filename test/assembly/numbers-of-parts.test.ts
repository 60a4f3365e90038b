import { expect, it } from '@jest/globals';
import { of } from 'rxjs';
import { createPipeline, tokens } from 'scriptorium';
import type { Breakers, CacheStore, GenerationEvent, LimitStore } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { aChatStream, FakeTransport, ManualClock } from 'scriptorium/testing';
import { aPlugin } from '../plugins/a-plugin.js';

const wrongLimits: LimitStore = {
  take: () => ({ reason: 'quota', retryInMs: 1e300 }),
  pause: () => undefined,
};
const wrongBreakers: Breakers = {
  isOpen: () => false,
  acquire: () => of({ type: 'waiting', for: 'breaker', untilMs: 1e300 }),
};
const wrongCache: CacheStore = {
  get: () => [
    { type: 'text-delta', delta: 7 } as unknown as GenerationEvent,
    { type: 'generation-end', servedFrom: 'cache' } as unknown as GenerationEvent,
  ],
  set: () => undefined,
};

it.each([
  ['limits', aPlugin('mine', (host) => host.replace(tokens.LIMIT_STORE, wrongLimits))],
  ['breakers', aPlugin('mine', (host) => host.replace(tokens.BREAKERS, wrongBreakers))],
  ['cache', aPlugin('mine', (host) => host.replace(tokens.CACHE_STORE, wrongCache))],
])('an answer of the part "%s" that cannot be true counts as none', async (name, plugin) => {
  const pipeline = await createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'sk-or-1' }), plugin],
    config: {
      defaults: { model: 'a/model' },
      logging: { level: 'silent' },
      cache: { enabled: true, sampled: true },
      ports: { limits: { onFailure: 'open' }, breakers: { onFailure: 'open' }, cache: { onFailure: 'open' } },
    },
    register: (container) => {
      container.register(tokens.TRANSPORT, { useValue: new FakeTransport(aChatStream('Once.')) });
      container.register(tokens.CLOCK, { useValue: new ManualClock(Date.UTC(2026, 10, 27)) });
    },
  });
  expect((await pipeline.generate({ prompt: 'Begin.' })).text).toBe('Once.');
  expect(pipeline.parts().find((part) => part.name === name)).toMatchObject({ failed: 1 });
  await pipeline.dispose();
});
