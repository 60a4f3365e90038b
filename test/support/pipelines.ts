import { lastValueFrom, toArray } from 'rxjs';
import { createPipeline, GenerationError } from 'scriptorium';
import type {
  ConfigInput,
  GenerationEvent,
  GenerationInput,
  InterceptorDefinition,
  Pipeline,
  PipelineOptions,
} from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { checkGrammar } from 'scriptorium/testing';
import { transportConfig, transportPlugins } from './transports.js';

/** A key that must never be seen outside the wire. */
export const CANARY = 'sk-or-v1-canary-7d1f';

export interface TestPipelineOptions extends Omit<PipelineOptions, 'config'> {
  /** Only the chain as users have it: nothing asserts the grammar of events. */
  readonly isBare?: boolean;
}

/** Fails every generation whose events break their grammar. */
export const grammar: InterceptorDefinition = {
  name: 'grammar',
  phase: 'observe',
  intercept: (request, next) => next(request).pipe(checkGrammar()),
};

/** A pipeline to a server on this machine: silent, with backoffs of milliseconds, and with the grammar of all its streams asserted. It goes over the transport that `TRANSPORT` names. */
export function pipelineTo(
  url: string,
  config: ConfigInput = {},
  { isBare = false, interceptors = [], ...options }: TestPipelineOptions = {},
): Promise<Pipeline> {
  return createPipeline({
    environment: {},
    ...options,
    interceptors: isBare ? interceptors : [...interceptors, grammar],
    plugins: [openrouter(), ...transportPlugins, ...(options.plugins ?? [])],
    config: {
      ...transportConfig,
      ...config,
      logging: { level: 'silent', ...config.logging },
      defaults: { model: 'a/model', ...config.defaults },
      retry: { baseMs: 1, capMs: 5, ...config.retry },
      plugins: { ...config.plugins, openrouter: { baseUrl: url, apiKey: CANARY, ...config.plugins?.openrouter } },
    },
  });
}

/** All events of one generation, its grammar checked. */
export function eventsOf(
  pipeline: Pipeline,
  input: GenerationInput = { prompt: 'Begin.' },
): Promise<GenerationEvent[]> {
  return lastValueFrom(pipeline.stream(input).pipe(checkGrammar(), toArray()));
}

/** The error a promise is to end with. Fails if it succeeds, or ends with anything but a GenerationError. */
export async function failureOf(work: Promise<unknown>): Promise<GenerationError> {
  const outcome = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!('error' in outcome)) throw new Error(`Expected a failure, got ${JSON.stringify(outcome.value)}`);
  if (!GenerationError.is(outcome.error)) throw new Error('Expected a GenerationError', { cause: outcome.error });
  return outcome.error;
}

/** The text of the events. */
export function textOf(events: readonly GenerationEvent[]): string {
  return events.map((event) => (event.type === 'text-delta' ? event.delta : '')).join('');
}
