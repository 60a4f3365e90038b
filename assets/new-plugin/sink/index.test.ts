import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPipeline } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { describeSink, startEmulator } from 'scriptorium/testing';
import { plugin, tokenCount } from './index.js';

describeSink('my-plugin', () => tokenCount(() => undefined), { describe, it });

describe('my-plugin', () => {
  it('tells what a pipeline has used', async () => {
    const lines: string[] = [];
    const emulator = await startEmulator();
    const counting = definePlugin({
      name: 'counting',
      apiVersion: 1,
      setup: (host) => host.addStatSink(tokenCount((line) => lines.push(line))),
    });
    const pipeline = await createPipeline({
      plugins: [openrouter({ baseUrl: emulator.url, apiKey: 'any' }), counting],
      environment: {},
      config: { logging: { level: 'silent' } },
    });
    await pipeline.generate({ prompt: 'Write a sentence.', maxTokens: 20, model: 'scriptorium/exact' });
    await pipeline.dispose();
    await emulator.close();
    assert.match(lines.join('\n'), /^1 generation\(s\), \d+ tokens$/);
  });

  it('refuses a prefix that is no text', async () => {
    const wrong = createPipeline({
      plugins: [openrouter({ apiKey: 'any' }), plugin()],
      environment: {},
      config: { plugins: { 'my-plugin': { prefix: 5 } } },
    });
    await assert.rejects(wrong, /plugins\.my-plugin\.prefix/);
  });
});
