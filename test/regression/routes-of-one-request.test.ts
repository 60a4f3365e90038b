import { describe, expect, it } from '@jest/globals';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { startEmulator } from 'scriptorium/testing';
import { pipelineTo } from '../support/pipelines.js';

describe('the routes of one request', () => {
  it('are taken, where its own route fails', async () => {
    const [broken, good] = await Promise.all([
      startEmulator({ fault: () => ({ status: 404 }) }),
      startEmulator({ words: 5 }),
    ]);
    const pipeline = await pipelineTo(
      broken.url,
      {},
      { plugins: [openrouter({ id: 'second', apiKey: 'k', baseUrl: good.url })] },
    );
    const { text, provider, model, attempts } = await pipeline.generate({
      prompt: 'Begin.',
      overrides: { routes: [{ provider: 'second', model: 'b/model' }] },
    });
    await pipeline.dispose();
    expect({ provider, model, text }).toEqual({ provider: 'second', model: 'b/model', text: good.requests[0]!.text });
    expect(attempts.map(({ provider: asked, outcome }) => [asked, outcome])).toEqual([
      ['openrouter', 'error'],
      ['second', 'success'],
    ]);
    expect([broken.requests.length, good.requests.length]).toEqual([1, 1]);
    await Promise.all([broken.close(), good.close()]);
  });

  it('are those of that request alone', async () => {
    const emulator = await startEmulator({
      words: 5,
      fault: ({ body }) => ((body as { model: string }).model === 'a/model' ? { status: 404 } : undefined),
    });
    const pipeline = await pipelineTo(emulator.url);
    expect((await pipeline.generate({ prompt: 'Begin.', overrides: { routes: [{ model: 'b/model' }] } })).model).toBe(
      'b/model',
    );
    await expect(pipeline.generate({ prompt: 'Begin.' })).rejects.toMatchObject({ code: 'not-found' });
    await pipeline.dispose();
    await emulator.close();
  });
});
