import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import type { MappedResult } from 'scriptorium';
import { memoryStateStore, RequestContext, tokens } from 'scriptorium';
import { ACCOUNT_BUDGETS } from 'scriptorium/plugin';
import { emulatedVendor } from 'scriptorium/testing';
import { inScene, inWorld } from '../support/simulated-scene.js';
import { simulatedWriter, stopped } from '../support/simulated-writer.js';
import { acting, anInput } from './map-scene.js';

const outcomes = (results: readonly MappedResult[]): readonly string[] =>
  results.map(({ error }) =>
    error === undefined ? 'a text' : `${error.code} of ${String('scope' in error && error.scope)}`,
  );

describe('a budget over all texts of map', () => {
  it(
    'is never exceeded by texts that run at once, and refuses what does not fit without sending it',
    inWorld(async (world) => {
      const vendor = emulatedVendor(world, { words: 20 });
      const { process } = await simulatedWriter(world, [vendor.url], {
        config: { defaults: { model: 'scriptorium/exact' } },
      });
      const { pipeline } = process;
      await pipeline.models();
      const inputs = Array.from({ length: 12 }, (_, index) => ({ prompt: `Write text ${index}.`, maxTokens: 40 }));
      const one = (await pipeline.generate(inputs[0] ?? {})).cost.known;
      expect(one).toBeGreaterThan(0);
      const budgetUsd = one * 5.5;
      const sent = vendor.requests.length;
      const results = await lastValueFrom(pipeline.map(inputs, { concurrency: 6, budgetUsd }).pipe(toArray()));
      const spent = results.reduce((sum, { result }) => sum + (result?.cost.known ?? 0), 0);
      const whole = results.filter(({ result }) => result !== undefined).length;
      expect(spent).toBeLessThanOrEqual(budgetUsd);
      expect(whole).toBeGreaterThanOrEqual(3);
      expect(vendor.requests).toHaveLength(sent + whole);
      expect(new Set(outcomes(results))).toEqual(new Set(['a text', 'budget of account']));
      expect(results.map(({ index }) => index)).toEqual(inputs.map((_, index) => index));
      await stopped(world, process);
    }),
  );

  it(
    'is kept one by one where prices are not known',
    inWorld((world) =>
      inScene(world, { scripts: [acting] }, async ({ pipeline, process, server }) => {
        const inputs = ['a', 'b', 'c', 'd', 'e'].map((name) => anInput(name));
        const results: MappedResult[] = [];
        // Each text costs $0.0003. The third begins while something is left.
        await pipeline.map(inputs, { concurrency: 3, budgetUsd: 0.0007 }).forEach((each) => {
          results.push(each);
          expect(process.connections).toBeLessThanOrEqual(1);
        });
        expect({ outcomes: outcomes(results), sent: server.requests.length }).toEqual({
          outcomes: ['a text', 'a text', 'a text', 'budget of account', 'budget of account'],
          sent: 3,
        });
      }),
    ),
  );

  it(
    'is that of one subscription, beside the budgets that an input brings along, and leaves nothing in the state store',
    inWorld((world) => {
      const store = memoryStateStore();
      const register = (container: { register(token: unknown, value: unknown): unknown }): void =>
        void container.register(tokens.STATE_STORE, { useValue: store });
      return inScene(world, { scripts: [acting], register }, async ({ pipeline }) => {
        const customer = { account: 'customer/x', period: 'total', limit: { tokens: 0, usd: 1 } } as const;
        const context = RequestContext.empty.with(ACCOUNT_BUDGETS, [customer]);
        const inputs = ['a', 'b'].map((name) => ({ ...anInput(name), context }));
        const mapped = pipeline.map(inputs, { concurrency: 1, budgetUsd: 0.0003 });
        for (let turn = 0; turn < 2; turn += 1)
          expect(outcomes(await lastValueFrom(mapped.pipe(toArray())))).toEqual(['a text', 'budget of account']);
        const kept = JSON.stringify(await store.update('spending', (old) => old));
        expect({ customer: kept.includes('customer/x'), map: kept.includes('map/') }).toEqual({
          customer: true,
          map: false,
        });
      });
    }),
  );
});
