import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { ConfigInput, Pipeline } from 'scriptorium';
import { redis } from 'scriptorium/plugins/redis';
import { eventually } from '../../../support/eventually.js';
import { failureOf, pipelineTo } from '../../../support/pipelines.js';
import { scriptServer } from '../../../support/script-server.js';
import { describeWith } from '../../../support/services/needs.js';
import { startRedis } from '../../../support/services/redis.js';
import type { RedisServer } from '../../../support/services/redis.js';
import { chunk, delta, DONE, finish, LAST_CHUNK, SSE_HEAD } from '../../../support/wire.js';

const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12, cost: 0.6 };

describeWith(['redis-server'], 'two pipelines on one Redis', () => {
  let server: RedisServer;
  let prefixes = 0;
  const open: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.remove());
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  async function twoPipelines(config: ConfigInput, mayEnd: () => boolean = () => true) {
    const vendor = await scriptServer([
      { request: true },
      { write: SSE_HEAD },
      { write: chunk(delta('Once.')) },
      { when: mayEnd },
      { write: chunk(finish('stop', USAGE) + DONE) + LAST_CHUNK },
    ]);
    open.push(() => vendor.close());
    const prefix = `pipelines${(prefixes += 1)}:`;
    const make = async (): Promise<Pipeline> => {
      const pipeline = await pipelineTo(vendor.url, config, { plugins: [redis({ url: server.url, prefix })] });
      open.push(() => pipeline.dispose());
      return pipeline;
    };
    return { vendor, first: await make(), second: await make() };
  }

  it('send one request at a time where concurrency is 1', async () => {
    const state = { mayEnd: false };
    const { vendor, first, second } = await twoPipelines({ concurrency: { max: 1 } }, () => state.mayEnd);
    const early = first.generate({ prompt: 'Begin.' });
    await eventually(() => vendor.requests.length === 1);
    const waits: string[] = [];
    const late = new Promise<void>((resolve, reject) => {
      second.stream({ prompt: 'Begin.' }).subscribe({
        next: (event) => event.type === 'waiting' && waits.push(event.for),
        error: reject,
        complete: resolve,
      });
    });
    await eventually(() => waits.includes('slot'));
    expect(vendor.requests).toHaveLength(1);
    state.mayEnd = true;
    await Promise.all([early, late]);
    expect(vendor.requests).toHaveLength(2);
  });

  it('spend one budget of a label, and name it alike', async () => {
    const { vendor, first, second } = await twoPipelines({ budget: { label: 'book', labelUsd: 1 } });
    const input = { prompt: 'Begin.', labels: { book: 'ada' }, maxTokens: 10 };
    await first.generate(input);
    await second.generate(input);
    const failure = await failureOf(first.generate(input));
    expect({ code: failure.code, requests: vendor.requests.length }).toEqual({ code: 'budget', requests: 2 });
    const spent = async (pipeline: Pipeline) => (await pipeline.budgets()).map(({ spent: { usd } }) => usd);
    expect({ first: await spent(first), second: await spent(second) }).toEqual({ first: [1.2], second: [1.2] });
  });
});
