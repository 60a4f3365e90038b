import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPipeline } from 'scriptorium';
import { chatDialect, describeProvider, providerOf, startEmulator } from 'scriptorium/testing';
import { plugin } from './index.js';

describeProvider(
  'my-plugin',
  { make: ({ url, apiKey }) => providerOf(plugin(), { baseUrl: url, apiKey }), dialect: chatDialect },
  { describe, it },
);

describe('my-plugin', () => {
  it('answers in a pipeline', async () => {
    const emulator = await startEmulator();
    const pipeline = await createPipeline({
      plugins: [plugin({ baseUrl: emulator.url, apiKey: 'any' })],
      environment: {},
      config: { logging: { level: 'silent' } },
    });
    const { text, provider } = await pipeline.generate({
      prompt: 'Write a sentence.',
      maxTokens: 20,
      model: 'scriptorium/exact',
    });
    await pipeline.dispose();
    await emulator.close();
    assert.equal(provider, 'my-plugin');
    assert.notEqual(text, '');
  });
});
