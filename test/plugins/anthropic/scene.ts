import { afterEach } from '@jest/globals';
import type { ConfigInput, Pipeline } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { anthropic } from 'scriptorium/plugins/anthropic';
import type { AnthropicOptions } from 'scriptorium/plugins/anthropic';
import { MemorySink } from 'scriptorium/testing';
import { eventually } from '../../support/eventually.js';
import { pipelineTo } from '../../support/pipelines.js';
import { scriptServer } from '../../support/script-server.js';
import type { ScriptServer, Step } from '../../support/script-server.js';

/** A key that must never be seen outside the wire. */
export const ANTHROPIC_CANARY = 'sk-ant-canary-41c9';

export interface AnthropicScene {
  readonly server: ScriptServer;
  readonly pipeline: Pipeline;
  readonly sink: MemorySink;
}

const open: AnthropicScene[] = [];

export interface AnthropicSceneOptions {
  readonly config?: ConfigInput;
  readonly options?: AnthropicOptions;
  /** Where OpenRouter is. By default there is nobody. */
  readonly openrouter?: ScriptServer;
}

/** A server that plays these scripts, one a request, and a pipeline whose default provider is Anthropic on that server. */
export async function anthropicScene(
  scripts: readonly (readonly Step[])[],
  { config = {}, options = {}, openrouter }: AnthropicSceneOptions = {},
): Promise<AnthropicScene> {
  const server = await scriptServer(...scripts);
  const sink = new MemorySink();
  const id = options.id ?? 'anthropic';
  const building = pipelineTo(
    openrouter?.url ?? 'http://127.0.0.1:1',
    {
      ...config,
      defaults: { provider: id, model: 'claude-sonnet-4-5', ...config.defaults },
      plugins: { [id]: { apiKey: ANTHROPIC_CANARY, baseUrl: `http://127.0.0.1:${server.port}` }, ...config.plugins },
    },
    {
      plugins: [
        anthropic(options),
        definePlugin({ name: 'memory', apiVersion: 1, setup: (host) => host.addStatSink(sink) }),
      ],
    },
  );
  building.catch(() => server.close());
  const scene = { server, pipeline: await building, sink };
  open.push(scene);
  return scene;
}

afterEach(async () => {
  for (const { pipeline, server } of open.splice(0)) {
    await pipeline.dispose();
    await eventually(() => server.openSockets() === 0);
    await server.close();
  }
});

/** The JSON body of a request as it arrived. */
export function bodyOf(request: string | undefined): Readonly<Record<string, unknown>> {
  return JSON.parse((request ?? '').slice((request ?? '').indexOf('\r\n\r\n'))) as Readonly<Record<string, unknown>>;
}
