import { describe, expect, it } from '@jest/globals';
import { of } from 'rxjs';
import { createPipeline } from 'scriptorium';
import type { ConfigInput, Pipeline } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { GenerationEvent, Plugin } from 'scriptorium/plugin';
import { anthropic } from 'scriptorium/plugins/anthropic';
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { providerOf } from 'scriptorium/testing';
import { failureOf } from '../support/pipelines.js';

/** A provider whose answer is the model that it was asked for. */
const echo = (id: string, defaultModel?: string): Plugin =>
  definePlugin({
    name: id,
    apiVersion: 1,
    setup: (host) =>
      host.addProvider({
        id,
        ...(defaultModel !== undefined && { defaultModel }),
        generate: ({ model }) =>
          of<GenerationEvent[]>(
            { type: 'text-delta', delta: model },
            {
              type: 'generation-end',
              finishReason: { unified: 'stop', raw: null },
              usage: { inputTokens: 1, outputTokens: 1, source: 'reported' },
              servedFrom: 'provider',
              provider: id,
              model,
            },
          ),
      }),
  });

function pipelineWith(config: ConfigInput = {}): Promise<Pipeline> {
  return createPipeline({
    plugins: [echo('first', 'first/own'), echo('second', 'second/own'), echo('bare')],
    config: { logging: { level: 'silent' }, ...config },
    environment: {},
  });
}

describe('the model of a generation', () => {
  it('is named by the input, else by defaults.model, else by its provider', async () => {
    const [pipeline, configured] = [await pipelineWith(), await pipelineWith({ defaults: { model: 'configured' } })];
    const modelOf = async (asked: Pipeline, input: object): Promise<string> =>
      (await asked.generate({ prompt: 'Begin.', ...input })).text;
    expect({
      input: await modelOf(configured, { model: 'given' }),
      configured: await modelOf(configured, { provider: 'second' }),
      first: await modelOf(pipeline, {}),
      second: await modelOf(pipeline, { provider: 'second' }),
    }).toEqual({ input: 'given', configured: 'configured', first: 'first/own', second: 'second/own' });
  });

  it('must be named where the provider has no default; the error says how', async () => {
    const pipeline = await pipelineWith({ defaults: { provider: 'bare' } });
    const failure = await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    expect({ code: failure.code, message: failure.message }).toEqual({
      code: 'invalid-input',
      message:
        'The generation names no model, and the provider "bare" has no default. Pass "model", or set defaults.model (SCRIPTORIUM_DEFAULTS_MODEL).',
    });
    expect(pipeline.stats().failed).toBe(1);
  });

  it.each([
    ['anthropic', anthropic({ apiKey: 'k', model: 'claude-x' }), 'claude-x'],
    ['openai-compatible', openaiCompatible({ baseUrl: 'http://127.0.0.1:1/v1', model: 'local' }), 'local'],
    ['openrouter', openrouter({ apiKey: 'k', model: 'a/model' }), 'a/model'],
    ['openrouter by itself', openrouter({ apiKey: 'k' }), 'qwen/qwen2.5-vl-72b-instruct:free'],
    ['anthropic by itself', anthropic({ apiKey: 'k' }), undefined],
  ])('is an option of the plugin %s', async (_name, plugin, model) => {
    const provider = await providerOf(plugin);
    expect(provider.defaultModel).toBe(model);
    await provider.dispose();
  });

  it('is not asked of a provider that is unknown', async () => {
    const pipeline = await pipelineWith();
    const failure = await failureOf(pipeline.generate({ prompt: 'Begin.', provider: 'secnd' }));
    expect(failure.message).toContain('No provider "secnd"');
  });
});
