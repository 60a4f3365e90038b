import { GenerationError, Secret } from 'scriptorium';
import type { GenerationEvent, GenerationRequest } from 'scriptorium';
import type { PluginHost, Provider } from 'scriptorium/plugin';
import { aRequest, checkGrammar, ManualClock } from 'scriptorium/testing';
import { encodeMessages } from '../../../plugins/anthropic/encode.js';
import type { Endpoint } from '../../../plugins/anthropic/endpoint.js';
import { anthropic } from 'scriptorium/plugins/anthropic';
import { memoryConnection } from '../../support/openrouter-provider.js';

export const ENDPOINT: Endpoint = {
  id: 'anthropic',
  baseUrl: 'https://api.anthropic.com',
  apiKey: new Secret('sk-ant-test'),
  version: '2023-06-01',
  beta: [],
  prefill: null,
  prices: null,
  remedies: {},
};

/** A request for the oldest kind of model, which takes all settings. */
export const request = (parts: Partial<GenerationRequest> = {}): GenerationRequest =>
  aRequest({ provider: 'anthropic', model: 'claude-3-haiku-20240307', ...parts });

/** What goes out for a request, and what was said to be left out. */
export function encoded(parts: Partial<GenerationRequest> = {}, endpoint: Partial<Endpoint> = {}) {
  const told: string[] = [];
  const wire = encodeMessages(request(parts), { ...ENDPOINT, ...endpoint }, (sentence) => told.push(sentence));
  return { wire, told, body: JSON.parse(wire.body!) as Record<string, unknown> };
}

/** The error that a request is refused with. */
export function refusalOf(parts: Partial<GenerationRequest>): GenerationError {
  try {
    encoded(parts);
  } catch (error) {
    if (GenerationError.is(error)) return error;
    throw new Error('Expected a GenerationError', { cause: error });
  }
  throw new Error('Expected the request to be refused');
}

/** The provider that the plugin adds, without a pipeline around it; `warnings` is what it logs. */
export async function anthropicProvider(
  config: Partial<Endpoint> = {},
): Promise<{ readonly provider: Provider; readonly warnings: readonly string[] }> {
  const providers: Provider[] = [];
  const warnings: string[] = [];
  const nothing = (): void => undefined;
  const host: PluginHost<unknown> = {
    purpose: 'pipeline',
    sourceOf: () => undefined,
    config: { ...ENDPOINT, ...config },
    logger: { debug: nothing, info: nothing, warn: (message) => void warnings.push(message), error: nothing },
    addProvider: (provider) => void providers.push(provider),
    clock: new ManualClock(),
    redact: (text) => text,
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
  await anthropic().setup(host);
  return { provider: providers[0]!, warnings };
}

export interface Outcome {
  readonly events: readonly GenerationEvent[];
  readonly failure?: GenerationError;
}

/** All that a subscriber sees of a stream of these pieces. */
export async function outcomeOf(
  pieces: Iterable<Uint8Array>,
  parts: Partial<GenerationRequest> = {},
): Promise<Outcome> {
  const { provider } = await anthropicProvider();
  return new Promise((resolve) => {
    const events: GenerationEvent[] = [];
    provider
      .generate(request(parts), memoryConnection(pieces))
      .pipe(checkGrammar())
      .subscribe({
        next: (event) => events.push(event),
        error: (failure: GenerationError) => resolve({ events, failure }),
        complete: () => resolve({ events }),
      });
  });
}

/** The same of a stream that comes at once. */
export const read = (stream: string, parts?: Partial<GenerationRequest>): Promise<Outcome> =>
  outcomeOf([Buffer.from(stream)], parts);
