import { describe, expect, it } from '@jest/globals';
import { createPipeline, tokens } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { FakeTransport, ManualClock } from 'scriptorium/testing';
import type { FakeAnswer } from 'scriptorium/testing';
import { eventually } from '../../support/eventually.js';
import { CANARY, failureOf, pipelineTo } from '../../support/pipelines.js';
import { aStage } from '../../pipeline/an-emulator.js';

/** Keeps how long each timer was to run. */
class NotingClock extends ManualClock {
  readonly waits: number[] = [];

  override setTimer(ms: number, run: () => void): () => void {
    this.waits.push(ms);
    return super.setTimer(ms, run);
  }
}

describe('key()', () => {
  it('tells limits, usage, the free quota of the day and the expiry', async () => {
    const key = {
      label: 'sk-or-v1-abc',
      limit: 10,
      limit_reset: 'monthly',
      limit_remaining: 7.5,
      usage: 2.5,
      usage_daily: 0.5,
      is_free_tier: true,
      expires_at: '2027-01-01T00:00:00Z',
      rate_limit: { requests: 10, interval: '10s' },
    };
    const { pipeline } = await aStage({ emulator: { key, freeModelDailyRequests: { used: 12, limit: 50 } } });
    expect(await pipeline.key()).toMatchObject({
      label: 'sk-or-v1-abc',
      limitUsd: 10,
      limitReset: 'monthly',
      remainingUsd: 7.5,
      usageUsd: 2.5,
      usageDailyUsd: 0.5,
      usageMonthlyUsd: 0,
      isFreeTier: true,
      isManagementKey: false,
      dailyRequests: { used: 12, limit: 50, remaining: 38 },
      expiresAt: '2027-01-01T00:00:00Z',
      rateLimit: { requests: 10, interval: '10s' },
      raw: { byok_usage: 0 },
    });
  });

  it('leaves out what there is not, and the rate limit that OpenRouter has given up', async () => {
    const { pipeline } = await aStage({ emulator: { key: { rate_limit: { requests: -1, interval: '10s' } } } });
    const key = await pipeline.key();
    for (const field of ['limitUsd', 'remainingUsd', 'limitReset', 'expiresAt', 'rateLimit'])
      expect(key).not.toHaveProperty(field);
  });
});

describe('credits()', () => {
  it('tells what was bought, used and is left', async () => {
    const { pipeline } = await aStage({ emulator: { managementKey: CANARY, totalCredits: 25 } });
    const { cost } = await pipeline.generate({ prompt: 'Begin.' });
    const { totalUsd, usedUsd, remainingUsd } = await pipeline.credits();
    expect({ totalUsd, usedUsd }).toEqual({ totalUsd: 25, usedUsd: cost.known });
    expect(remainingUsd).toBeCloseTo(25 - cost.known, 10);
  });

  it('says of an ordinary key, or a wrong one, that it takes a management key', async () => {
    const { pipeline, emulator } = await aStage({ emulator: { apiKey: CANARY } });
    const refusal = await failureOf(pipeline.credits());
    expect(refusal).toMatchObject({ code: 'permission', status: 403, retryable: false });
    expect(refusal.message).toContain('management key');
    const stranger = await pipelineTo(emulator.url, { plugins: { openrouter: { apiKey: 'another' } } });
    expect(await failureOf(stranger.credits())).toMatchObject({
      code: 'authentication',
      message: expect.stringContaining('management key'),
    });
    await stranger.dispose();
  });
});

describe('generation()', () => {
  it('tells tokens, cost, host, times and the finish reason of an answer', async () => {
    const { pipeline } = await aStage();
    const { responseId = '', usage } = await pipeline.generate({ prompt: 'Begin.', model: 'scriptorium/exact' });
    const told = await pipeline.generation(responseId);
    expect(told).toMatchObject({
      id: responseId,
      model: 'scriptorium/exact',
      finishReason: 'stop',
      wasStreamed: true,
      wasCancelled: false,
      host: expect.any(String),
      latencyMs: 0,
      generationMs: expect.any(Number),
      createdAt: expect.any(String),
    });
    expect(told.usage).toMatchObject({
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
      costUsd: usage.costUsd,
      source: 'reported',
    });
    expect(told.raw).toMatchObject({ is_byok: false });
  });

  const UNKNOWN: FakeAnswer = {
    status: 404,
    body: ['{"error": {"code": 404, "message": "Generation gen-1 not found"}}'],
  };

  async function asking(...answers: readonly FakeAnswer[]) {
    const [transport, clock] = [new FakeTransport(...answers), new NotingClock()];
    const pipeline = await createPipeline({
      plugins: [openrouter({ apiKey: 'k' })],
      environment: {},
      config: { logging: { level: 'silent' } },
      register: (container) => {
        container.register(tokens.TRANSPORT, { useValue: transport });
        container.register(tokens.CLOCK, { useValue: clock });
      },
    });
    /** Moves on once so long a pause has begun. */
    const after = async (ms: number): Promise<void> => {
      await eventually(() => clock.waits.includes(ms));
      clock.advance(ms);
    };
    return { transport, clock, pipeline, after };
  }

  it('asks again, later each time, while OpenRouter does not know it yet', async () => {
    const { transport, pipeline, after } = await asking(UNKNOWN, UNKNOWN, {
      body: ['{"data": {"id": "gen-1", "total_cost": 0.1, "tokens_prompt": 3, "tokens_completion": 4}}'],
    });
    const asked = pipeline.generation('gen-1');
    await after(1_000);
    await after(2_000);
    expect(await asked).toMatchObject({ id: 'gen-1', usage: { inputTokens: 3, outputTokens: 4, costUsd: 0.1 } });
    expect(transport.requests).toHaveLength(3);
  });

  it('gives up after five questions', async () => {
    const { transport, clock, pipeline, after } = await asking(UNKNOWN);
    const failing = failureOf(pipeline.generation('gen-1'));
    for (const ms of [1_000, 2_000, 4_000, 8_000]) await after(ms);
    expect(await failing).toMatchObject({ code: 'not-found', message: expect.stringContaining('"gen-1"') });
    expect([transport.requests.length, clock.pending]).toEqual([5, 0]);
  });

  it('leaves no timer behind when the pipeline ends', async () => {
    const { clock, pipeline } = await asking(UNKNOWN);
    const failing = failureOf(pipeline.generation('gen-1'));
    await eventually(() => clock.waits.includes(1_000));
    await pipeline.dispose();
    expect([(await failing).code, clock.pending]).toEqual(['aborted', 0]);
  });

  it('tells at once what is no matter of time', async () => {
    const { transport, pipeline } = await asking({ status: 401, body: ['{"error": {"code": 401, "message": "no"}}'] });
    expect([(await failureOf(pipeline.generation('gen-1'))).code, transport.requests.length]).toEqual([
      'authentication',
      1,
    ]);
  });
});
