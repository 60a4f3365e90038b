import { Secret } from 'scriptorium';
import type { PluginHost, Provider } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';
import type { Connection } from '../../src/core/provider.js';
import { systemClock } from '../../src/core/clock.js';
import { SILENT_MONITOR } from '../../src/core/monitor.js';
import { questionConnection } from '../../src/core/question-connection.js';

/** The provider that the plugin adds, without a pipeline around it. */
export async function openRouterProvider(): Promise<Provider> {
  const providers: Provider[] = [];
  const nothing = (): void => undefined;
  const host: PluginHost<unknown> = {
    purpose: 'pipeline',
    sourceOf: () => undefined,
    config: {
      apiKey: new Secret('sk-test'),
      baseUrl: 'http://127.0.0.1:1',
      siteUrl: 'http://localhost',
      siteTitle: 'Test',
      prefill: {},
    },
    logger: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    clock: systemClock,
    redact: (text) => text,
    addProvider: (provider) => void providers.push(provider),
    addInterceptor: nothing,
    addStatSink: nothing,
    addTransport: nothing,
    wrapTransport: nothing,
    addCommand: nothing,
    addEndpoint: nothing,
    replace: nothing,
    replacement: () => () => undefined,
    part: () => () => {
      throw new Error('There is no pipeline around the plugin.');
    },
    onDispose: nothing,
  };
  await openrouter().setup(host);
  return providers[0]!;
}

/** A connection whose answer is in memory: a stream of these pieces. */
export function memoryConnection(pieces: Iterable<Uint8Array>, monitor = SILENT_MONITOR): Connection {
  const open: Connection['open'] = () =>
    Promise.resolve({
      status: 200,
      headers: new Headers({ 'content-type': 'text/event-stream' }),
      body: oneByOne(pieces),
    });
  return { ...questionConnection(open, systemClock), monitor };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a body is asynchronous, even when it is at hand
async function* oneByOne(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
