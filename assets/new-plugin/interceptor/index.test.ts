import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { describeInterceptor, startEmulator } from 'scriptorium/testing';
import { letters, plugin } from './index.js';

describeInterceptor('my-plugin', () => letters('upper'), { describe, it });

describe('my-plugin', () => {
  it('writes the text of a pipeline in capitals', async () => {
    const emulator = await startEmulator();
    const pipeline = await createPipeline({
      plugins: [openrouter({ baseUrl: emulator.url, apiKey: 'any' }), plugin()],
      environment: {},
      config: { logging: { level: 'silent' } },
    });
    const { text } = await pipeline.generate({
      prompt: 'Write a sentence.',
      maxTokens: 20,
      model: 'scriptorium/exact',
    });
    await pipeline.dispose();
    await emulator.close();
    assert.match(text, /[A-Z]/);
    assert.equal(text, text.toUpperCase());
  });

  it('refuses letters that there are not', async () => {
    const wrong = createPipeline({
      plugins: [openrouter({ apiKey: 'any' }), plugin()],
      environment: {},
      config: { plugins: { 'my-plugin': { letters: 'large' } } },
    });
    await assert.rejects(wrong, /plugins\.my-plugin\.letters/);
  });
});
