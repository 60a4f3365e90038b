import { afterAll, describe } from '@jest/globals';
import { createPipeline, tokens } from 'scriptorium';
import type { Clock, DependencyContainer, Pipeline } from 'scriptorium';
import type { InterceptorDefinition, Plugin } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { opentelemetry } from 'scriptorium/plugins/opentelemetry';
import { prometheus } from 'scriptorium/plugins/prometheus';
import { describeInterceptor } from 'scriptorium/testing';

const open: Pipeline[] = [];
afterAll(() => Promise.all(open.map((pipeline) => pipeline.dispose())));

/** One of the interceptors that a plugin adds to a pipeline. */
async function interceptorOf(plugin: Plugin, name: string, clock: Clock): Promise<InterceptorDefinition> {
  const added: Parameters<Parameters<Plugin['setup']>[0]['addInterceptor']>[0][] = [];
  const watched: Plugin = {
    ...plugin,
    setup: (host) => plugin.setup({ ...host, addInterceptor: (definition) => void added.push(definition) }),
  };
  const containers: DependencyContainer[] = [];
  const pipeline = await createPipeline({
    plugins: [openrouter({ apiKey: 'any' }), watched],
    environment: {},
    config: { logging: { level: 'silent' } },
    register: (container) => {
      containers.push(container);
      container.register<Clock>(tokens.CLOCK, { useValue: clock });
    },
  });
  open.push(pipeline);
  const made = added.map((definition) =>
    typeof definition === 'function' ? containers[0]!.resolve(definition) : definition,
  );
  const found = made.find((definition) => definition.name === name);
  if (found === undefined) throw new Error(`It adds ${made.map((definition) => definition.name).join()}.`);
  return found;
}

describe('the plugins', () => {
  for (const name of ['opentelemetry', 'opentelemetry-attempt'])
    describeInterceptor(name, (clock) => interceptorOf(opentelemetry(), name, clock));
  for (const name of ['prometheus-requests', 'prometheus-routes', 'prometheus-attempts'])
    describeInterceptor(name, (clock) => interceptorOf(prometheus({ listen: false }), name, clock));
});
