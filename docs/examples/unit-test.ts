// A unit test of your own code, without a network: the transport's answers are in memory.
import assert from 'node:assert/strict';
import { createPipeline, tokens } from 'scriptorium';
import type { Pipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { aChatStream, FakeTransport } from 'scriptorium/testing';

/** The code under test. */
async function titleOf(pipeline: Pipeline, chapter: string): Promise<string> {
  const { text } = await pipeline.generate({ prompt: `Give this chapter a title: ${chapter}` });
  return text.replaceAll('"', '').trim();
}

// The first request fails, so the test sees that a retry goes unnoticed.
const busy = { status: 503, body: ['{ "error": { "code": 503, "message": "busy" } }'] };
const transport = new FakeTransport(busy, aChatStream('"The ', 'Harbour"\n'));
const pipeline = await createPipeline({
  plugins: [openrouter({ apiKey: 'any' })],
  environment: {}, // nothing from outside
  config: { retry: { baseMs: 0 }, logging: { level: 'silent' } },
  register: (container) => container.register(tokens.TRANSPORT, { useValue: transport }),
});

assert.equal(await titleOf(pipeline, 'Dawn came.'), 'The Harbour');
assert.equal(transport.requests.length, 2);
console.log(`tested: ${pipeline.stats().successful} generation, ${pipeline.stats().attempts} requests`);
await pipeline.dispose();
