import { describe, expect, it, jest } from '@jest/globals';
import { createPipeline, GenerationError } from 'scriptorium';
import type { ConfigInput, GenerationResult } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { startEmulator } from 'scriptorium/testing';

interface Outcome {
  readonly error: GenerationError;
  readonly result: GenerationResult;
  /** What the pipeline has written to stderr. */
  readonly written: string;
}

/** One generation that fails with 400, and one that does not. */
async function outcomeOf(config: ConfigInput = {}): Promise<Outcome> {
  const emulator = await startEmulator({ words: 10 });
  let written = '';
  const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
  const plugins = [openrouter({ apiKey: 'k', baseUrl: emulator.url })];
  const pipeline = await createPipeline({ plugins, config, environment: {} });
  try {
    emulator.script({ status: 400 });
    const input = { prompt: 'Begin.', id: 'mine', labels: { book: 'ada' } };
    const error = await theCallerOf(() => pipeline.generate(input));
    return { error, result: await pipeline.generate(input), written };
  } finally {
    stderr.mockRestore();
    await pipeline.dispose();
    await emulator.close();
  }
}

async function theCallerOf(generate: () => Promise<unknown>): Promise<GenerationError> {
  const error: unknown = await generate().catch((reason: unknown) => reason);
  if (!GenerationError.is(error)) throw new Error('Expected a GenerationError');
  return error;
}

describe('an error that the caller has caught', () => {
  it('is not logged on top by default', async () => {
    expect((await outcomeOf()).written).toBe('');
  });

  it.each<[string, ConfigInput, string]>([
    ['as info', { logging: { level: 'info' } }, '"level":"info"'],
    ['as an error, if that is asked for', { logging: { failures: true } }, '"level":"error"'],
  ])('is logged %s', async (_, config, level) => {
    const line = (await outcomeOf(config)).written.split('\n').find((text) => text.includes('generation failed'));
    expect(line).toContain(level);
  });

  it('names its generation and labels, as JSON and back, too; so does a result', async () => {
    const { error, result } = await outcomeOf();
    const facts = { generationId: 'mine', labels: { book: 'ada' } };
    expect({ error, json: error.toJSON(), back: GenerationError.fromJSON(error.toJSON()), result }).toMatchObject({
      error: facts,
      json: facts,
      back: facts,
      result: facts,
    });
  });

  it('shows in its stack who asked for the generation', async () => {
    const { error } = await outcomeOf();
    expect(error.stack).toMatch(/--- the generation was asked for ---\n +at .*caught-errors\.test/);
    expect(error.stack).not.toContain('ComposedPipeline');
  });
});
