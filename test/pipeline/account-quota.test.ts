import { describe, expect, it } from '@jest/globals';
import { tokens } from 'scriptorium';
import { ManualClock } from 'scriptorium/testing';
import { eventsOf, failureOf } from '../support/pipelines.js';
import { aStage } from './an-emulator.js';

const FREE = { prompt: 'Begin.', model: 'scriptorium/exact:free' };
const ACCOUNT = { rateLimit: { requestsPerDay: 'account', minIntervalMs: 0 } } as const;

describe("the day's requests to free models, as the account tells them", () => {
  it('are asked for once, and a generation beyond them is not sent', async () => {
    const { pipeline, emulator } = await aStage({
      config: ACCOUNT,
      emulator: { freeModelDailyRequests: { used: 48, limit: 50 } },
    });
    await pipeline.generate(FREE);
    await pipeline.generate(FREE);
    const refused = await failureOf(pipeline.generate(FREE));
    expect(refused).toMatchObject({ code: 'quota', retryable: false });
    expect(new Date(refused.retryAt ?? 0).toISOString()).toMatch(/T00:00:00\.000Z$/);
    expect([emulator.lookUps, emulator.requests.length]).toEqual([['GET /key'], 2]);
  });

  it('are no limit to models that are paid for, and not asked for then', async () => {
    const { pipeline, emulator } = await aStage({
      config: ACCOUNT,
      emulator: { freeModelDailyRequests: { used: 50, limit: 50 } },
    });
    await pipeline.generate({ ...FREE, model: 'scriptorium/exact' });
    expect([emulator.lookUps, emulator.requests.length]).toEqual([[], 1]);
  });

  it('are not asked for where nobody wants it', async () => {
    const { pipeline, emulator } = await aStage({
      config: { rateLimit: { minIntervalMs: 0 } },
      emulator: { freeModelDailyRequests: { used: 50, limit: 50 } },
    });
    await pipeline.generate(FREE);
    expect([emulator.lookUps, emulator.requests.length]).toEqual([[], 1]);
  });

  it('are asked for again on the next day', async () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 20, 12));
    const { pipeline, emulator } = await aStage({
      config: ACCOUNT,
      register: (container) => void container.register(tokens.CLOCK, { useValue: clock }),
    });
    await pipeline.generate(FREE);
    clock.advance(86_400_000);
    await pipeline.generate(FREE);
    expect([emulator.lookUps, emulator.requests.length]).toEqual([['GET /key', 'GET /key'], 2]);
  });

  it('that cannot be had are a warning, and the generation goes on', async () => {
    const { pipeline } = await aStage({ config: ACCOUNT, emulator: { key: { free_model_daily_requests: null } } });
    expect((await eventsOf(pipeline, FREE)).at(-1)?.type).toBe('generation-end');
  });
});
