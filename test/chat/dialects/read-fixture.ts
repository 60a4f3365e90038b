import type { GenerationError, GenerationEvent } from 'scriptorium';
import type { Plugin, Provider } from 'scriptorium/plugin';
import { anthropic } from 'scriptorium/plugins/anthropic';
import { openaiCompatible } from 'scriptorium/plugins/openai-compatible';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { aRequest, checkGrammar, providerOf } from 'scriptorium/testing';
import { systemClock } from '../../../src/core/clock.js';
import { questionConnection } from '../../../src/core/question-connection.js';
import type { Fixture, Outcome, ServerName } from './fixture.js';

/** Reads an answer whose bytes arrive in these pieces. */
type ReadPieces = (pieces: readonly Uint8Array[]) => Promise<Required<Outcome>>;

/** Returns what comes out of an answer through the real provider of its server, in whatever pieces it arrives. */
export async function readerOf(fixture: Fixture): Promise<ReadPieces> {
  const { server, config = {} } = fixture;
  const provider = await providerOf(pluginOf(server), { apiKey: 'k', baseUrl: 'http://127.0.0.1:9/v1', ...config });
  await provider.dispose();
  return (pieces) => outcomeOf(fixture, provider, pieces);
}

async function outcomeOf(
  { server, contentType }: Fixture,
  provider: Provider,
  pieces: readonly Uint8Array[],
): Promise<Required<Outcome>> {
  const headers = new Headers({ 'content-type': contentType });
  const connection = questionConnection(
    () => Promise.resolve({ status: 200, headers, body: oneByOne(pieces) }),
    systemClock,
  );
  const wire = contentType === 'text/event-stream' ? 'sse' : 'json';
  const events: GenerationEvent[] = [];
  const failure = await new Promise<GenerationError | undefined>((resolve) => {
    provider
      .generate(aRequest({ provider: server, model: 'a-model', wire }), connection)
      .pipe(checkGrammar())
      .subscribe({ next: (event) => events.push(event), error: resolve, complete: () => resolve(undefined) });
  });
  return summaryOf(events, failure);
}

function pluginOf(server: ServerName): Plugin {
  if (server === 'anthropic') return anthropic();
  return server === 'openrouter' ? openrouter() : openaiCompatible({ preset: server });
}

function summaryOf(events: readonly GenerationEvent[], failure: GenerationError | undefined): Required<Outcome> {
  const each = <T>(of: (event: GenerationEvent) => readonly T[]): readonly T[] => events.flatMap(of);
  const end = events.find((event) => event.type === 'generation-end');
  return {
    text: each((event) => (event.type === 'text-delta' ? [event.delta] : [])).join(''),
    thought: each((event) => (event.type === 'reasoning-delta' ? [event.delta] : [])).join(''),
    finish: end === undefined ? ['', null] : [end.finishReason.unified, end.finishReason.raw],
    calls: each((event) => (event.type === 'tool-call' ? [{ name: event.name, arguments: event.arguments }] : [])),
    usage: end?.usage ?? {},
    details: each((event) => (event.type === 'reasoning-details' ? event.details : [])),
    annotations: each((event) => (event.type === 'annotation' ? [event.annotation] : [])),
    images: each((event) => (event.type === 'image' ? [event.url] : [])),
    metadata: Object.values(end?.providerMetadata ?? {})[0] ?? {},
    failure: failure?.code ?? '',
  };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a body is asynchronous, even when it is at hand
async function* oneByOne(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
