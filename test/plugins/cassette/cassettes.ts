import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { GenerationError, tokens } from 'scriptorium';
import type { Clock, ConfigInput, GenerationInput, Pipeline } from 'scriptorium';
import type { Plugin } from 'scriptorium/plugin';
import { cassette } from 'scriptorium/plugins/cassette';
import type { CassetteOptions } from 'scriptorium/plugins/cassette';
import { checkGrammar } from 'scriptorium/testing';
import type { Cassette } from '../../../plugins/cassette/exchange.js';
import { pipelineTo } from '../../support/pipelines.js';

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

/** A place for a cassette, which is removed after the test. */
export function aFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-cassette-'));
  folders.push(folder);
  return join(folder, 'cassette.json');
}

export interface Session {
  readonly options?: CassetteOptions;
  readonly config?: ConfigInput;
  /** Whose transports are further in. */
  readonly plugins?: readonly Plugin[];
  /** Whose transports are further out. */
  readonly further?: readonly Plugin[];
  readonly clock?: Clock;
}

/** What comes of this work in a pipeline that records what it sends to this server. */
export function recording<T>(
  { url, file }: { readonly url: string; readonly file: string },
  work: (pipeline: Pipeline) => Promise<T>,
  session: Session = {},
): Promise<T> {
  return inPipeline(url, { ...session, options: { file, mode: 'record', ...session.options } }, work);
}

/** A place where no server listens. */
export const NOWHERE = 'http://127.0.0.1:1/api/v1';

/** What comes of this work in a pipeline that replays, with no server. */
export function replaying<T>(
  file: string,
  work: (pipeline: Pipeline) => Promise<T>,
  session: Session = {},
): Promise<T> {
  return inPipeline(NOWHERE, { ...session, options: { file, mode: 'replay', ...session.options } }, work);
}

async function inPipeline<T>(
  url: string,
  { options, config, plugins = [], further = [], clock }: Session,
  work: (pipeline: Pipeline) => Promise<T>,
): Promise<T> {
  const pipeline = await pipelineTo(url, config, {
    plugins: [...plugins, cassette(options), ...further],
    ...(clock && { register: (container) => void container.register(tokens.CLOCK, { useValue: clock }) }),
  });
  try {
    return await work(pipeline);
  } finally {
    await pipeline.dispose();
  }
}

/** How one generation went: what its subscriber saw, less what tells the time or names the call. */
export interface WatchedRun {
  readonly events: readonly unknown[];
  readonly error?: unknown;
}

/** Watches a generation to its end, of whatever kind; leaves it after `most` events. */
export function courseOf(
  pipeline: Pipeline,
  input: GenerationInput = { prompt: 'Begin.' },
  most = Infinity,
): Promise<WatchedRun> {
  return new Promise((resolve) => {
    const events: unknown[] = [];
    const subscription = pipeline
      .stream(input)
      .pipe(checkGrammar())
      .subscribe({
        next: (event) => {
          events.push(timeless(event));
          if (events.length < most) return;
          queueMicrotask(() => subscription.unsubscribe());
          resolve({ events });
        },
        error: (error: unknown) =>
          resolve({ events, error: GenerationError.is(error) ? timeless(error.toJSON()) : error }),
        complete: () => resolve({ events }),
      });
  });
}

const TIMES: ReadonlySet<string> = new Set([
  'startedAt',
  'latencyMs',
  'timeToFirstTokenMs',
  'delayMs',
  'generationId',
  'timings',
  'untilMs',
]);

/** The same without times, without the generation's own id, and without Node's own errors, which are told but not recorded. */
export function timeless(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, item: unknown) => (TIMES.has(key) || isNodesOwn(key, item) ? undefined : item)),
  );
}

function isNodesOwn(key: string, value: unknown): boolean {
  return key === 'cause' && typeof value === 'object' && value !== null && !('retryable' in value);
}

/** A cassette as it stands in its file. */
export function cassetteIn(file: string): Cassette {
  return JSON.parse(readFileSync(file, 'utf8')) as Cassette;
}

/** The bodies of all answers in a cassette, one after the other, as a replay gives them. */
export function bytesIn(file: string): Buffer {
  const chunks = cassetteIn(file).exchanges.flatMap(({ response }) => response?.chunks ?? []);
  return Buffer.concat(
    chunks.map((chunk) => ('text' in chunk ? Buffer.from(chunk.text) : Buffer.from(chunk.base64, 'base64'))),
  );
}
