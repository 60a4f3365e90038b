import { afterEach, describe, expect, it } from '@jest/globals';
import { Observable, of } from 'rxjs';
import { createPipeline, tokens } from 'scriptorium';
import type { GenerationEvent, Interceptor, InterceptorDefinition, Pipeline, PipelineOptions } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { failureOf } from '../support/pipelines.js';
import { anEnd } from '../chain/chain.js';

const open: Pipeline[] = [];
afterEach(async () => {
  for (const pipeline of open.splice(0)) await pipeline.dispose();
});

const provider = definePlugin({
  name: 'fixed',
  apiVersion: 1,
  setup: (host) =>
    host.addProvider({
      id: 'fixed',
      defaultModel: 'a/model',
      generate: () => of<GenerationEvent[]>({ type: 'text-delta', delta: 'Whole.' }, anEnd()),
    }),
});

const replacing = (name: string, intercept: Interceptor): Plugin =>
  definePlugin({
    name,
    apiVersion: 1,
    setup: (host) => host.replace(tokens.TIMEOUTS_INTERCEPTOR, { name: 'timeouts', phase: 'attempt', intercept }),
  });

async function pipelineOf(plugins: readonly Plugin[], options: Omit<PipelineOptions, 'plugins'> = {}) {
  const pipeline = await createPipeline({
    environment: {},
    config: { logging: { level: 'silent' } },
    ...options,
    plugins: [provider, ...plugins],
  });
  open.push(pipeline);
  return pipeline;
}

describe('a built-in interceptor that a plugin replaces', () => {
  it('is guarded like any other: what it throws in a subscription of its own fails the generation', async () => {
    const intercept: Interceptor = (request, next) =>
      new Observable(() => {
        next(request).subscribe(() => {
          throw new Error('in next');
        });
      });
    const pipeline = await pipelineOf([replacing('mine', intercept)]);
    expect(await failureOf(pipeline.generate({ prompt: 'Begin.' }))).toMatchObject({ code: 'internal' });
  });

  it('is named if it emits something that is not an event', async () => {
    const pipeline = await pipelineOf([replacing('mine', () => of(null as unknown as GenerationEvent))]);
    const error = await failureOf(pipeline.generate({ prompt: 'Begin.' }));
    expect(error).toMatchObject({ code: 'internal', retryable: false });
    expect(error.message).toContain('The interceptor "timeouts" emitted null');
  });

  it('stays as the program registered it', async () => {
    const used: string[] = [];
    const noting =
      (name: string): Interceptor =>
      (request, next) => {
        used.push(name);
        return next(request);
      };
    const own: InterceptorDefinition = { name: 'timeouts', phase: 'attempt', intercept: noting('program') };
    const pipeline = await pipelineOf([replacing('mine', noting('plugin'))], {
      register: (container) => container.register(tokens.TIMEOUTS_INTERCEPTOR, { useValue: own }),
    });
    await pipeline.generate({ prompt: 'Begin.' });
    expect(used).toEqual(['program']);
  });

  it('is in the chain also where the configuration switches the built-in one off', async () => {
    const logging = definePlugin({
      name: 'own-log',
      apiVersion: 1,
      setup: (host) =>
        host.replace(tokens.LOGGING_INTERCEPTOR, {
          name: 'logging',
          phase: 'observe',
          intercept: (request, next) => next(request),
        }),
    });
    const pipeline = await pipelineOf([logging]);
    expect(pipeline.describe()[0]).toEqual({ phase: 'observe', name: 'logging' });
  });
});
