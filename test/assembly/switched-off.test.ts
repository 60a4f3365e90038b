import { describe, expect, it } from '@jest/globals';
import { createPipeline } from '../../src/assembly/create-pipeline.js';
import type { PipelineOptions } from '../../src/assembly/options.js';
import { LOGGER, SLOTS } from '../../src/assembly/tokens.js';
import { localSlots } from '../../src/chain/admit/concurrency.js';
import { systemClock } from '../../src/core/clock.js';
import { openrouter } from '../../plugins/openrouter/index.js';

async function namesIn(options: PipelineOptions): Promise<readonly string[]> {
  const pipeline = await createPipeline({ plugins: [openrouter({ apiKey: 'k' })], environment: {}, ...options });
  const names = pipeline.describe().map(({ name }) => name);
  await pipeline.dispose();
  return names;
}

const SILENT = { logging: { level: 'silent' } } as const;
const SWITCHABLE = ['logging', 'budget', 'cache', 'concurrency'];
const switchable = (names: readonly string[]): readonly string[] => names.filter((name) => SWITCHABLE.includes(name));

describe('a built-in interceptor that the configuration switches off', () => {
  it('is not in the chain', async () => {
    expect(switchable(await namesIn({ config: SILENT }))).toEqual([]);
  });

  it.each([
    ['logging', { logging: { level: 'error' } }],
    ['budget', { ...SILENT, budget: { dayTokens: 1 } }],
    ['cache', { ...SILENT, cache: { enabled: true } }],
    ['concurrency', { ...SILENT, concurrency: { max: 2 } }],
  ] as const)('is in the chain when it is switched on: %s', async (name, config) => {
    expect(switchable(await namesIn({ config }))).toEqual([name]);
  });

  it('is in the chain when the program replaced the part that it uses', async () => {
    const quiet = (): void => undefined;
    const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const register: PipelineOptions['register'] = (container) => {
      container.register(SLOTS, { useValue: localSlots(systemClock, 1) });
      container.register(LOGGER, { useValue: logger });
    };
    expect(switchable(await namesIn({ config: SILENT, register }))).toEqual(['logging', 'concurrency']);
  });

  it('can still be named by an interceptor that is to come after it', async () => {
    const names = await namesIn({
      config: SILENT,
      interceptors: [{ name: 'mine', phase: 'cache', after: 'cache', intercept: (request, next) => next(request) }],
    });
    expect(names).toContain('mine');
    expect(names).not.toContain('cache');
  });
});
