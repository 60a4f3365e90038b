import { describe, expect, it } from '@jest/globals';
import { createPipeline } from '../../src/assembly/create-pipeline.js';
import type { PipelineOptions } from '../../src/assembly/options.js';
import { LOGGER } from '../../src/assembly/tokens.js';
import { openrouter } from '../../plugins/openrouter/index.js';
import { startEmulator } from '../../src/emulator/emulator.js';
import { pipelineTo } from '../support/pipelines.js';

async function namesIn(options: PipelineOptions): Promise<readonly string[]> {
  const pipeline = await createPipeline({ plugins: [openrouter({ apiKey: 'k' })], environment: {}, ...options });
  const names = pipeline.describe().map(({ name }) => name);
  await pipeline.dispose();
  return names;
}

const SILENT = { logging: { level: 'silent' } } as const;
const SWITCHABLE = ['logging'];
const switchable = (names: readonly string[]): readonly string[] => names.filter((name) => SWITCHABLE.includes(name));

describe('a built-in interceptor that the configuration switches off', () => {
  it('is not in the chain', async () => {
    expect(switchable(await namesIn({ config: SILENT }))).toEqual([]);
  });

  it.each([['logging', { logging: { level: 'error' } }]] as const)(
    'is in the chain when it is switched on: %s',
    async (name, config) => {
      expect(switchable(await namesIn({ config }))).toEqual([name]);
    },
  );

  it('is in the chain when the program replaced the part that it uses', async () => {
    const quiet = (): void => undefined;
    const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const register: PipelineOptions['register'] = (container) => {
      container.register(LOGGER, { useValue: logger });
    };
    expect(switchable(await namesIn({ config: SILENT, register }))).toEqual(['logging']);
  });

  it('can still be named by an interceptor that is to come after it', async () => {
    const names = await namesIn({
      config: SILENT,
      interceptors: [{ name: 'mine', phase: 'observe', after: 'logging', intercept: (request, next) => next(request) }],
    });
    expect(names).toContain('mine');
    expect(names).not.toContain('logging');
  });

  it('stays in the chain where a request can switch it on', async () => {
    expect(await namesIn({ config: SILENT })).toEqual(expect.arrayContaining(['cache']));
    const emulator = await startEmulator({ words: 5 });
    const pipeline = await pipelineTo(emulator.url);
    const asked = { prompt: 'Begin.', temperature: 0 };
    const cached = { ...asked, overrides: { cache: { enabled: true } } };
    const answers = [await pipeline.generate(cached), await pipeline.generate(cached), await pipeline.generate(asked)];
    const refused = pipeline.generate({ ...asked, overrides: { budget: { generationTokens: 1 } } });
    await expect(refused).rejects.toMatchObject({ code: 'budget' });
    expect(answers.map(({ servedFrom }) => servedFrom)).toEqual(['provider', 'cache', 'provider']);
    expect(emulator.requests).toHaveLength(2);
    await pipeline.dispose();
    await emulator.close();
  });
});

describe('the gates of admission in describe()', () => {
  it('leave out the slot where slots are not limited', async () => {
    const gatesOf = async (config: PipelineOptions['config']): Promise<unknown> => {
      const pipeline = await createPipeline({ plugins: [openrouter({ apiKey: 'k' })], environment: {}, config });
      await pipeline.dispose();
      return pipeline.describe().find(({ name }) => name === 'admission')?.gates;
    };
    expect(await gatesOf({ concurrency: { max: 0 } })).toEqual(['breaker', 'limits', 'budget']);
    expect(await gatesOf({ concurrency: { max: 1 } })).toEqual(['breaker', 'limits', 'slot', 'budget']);
  });
});
