import type { ConfigInput, Pipeline, PipelineOptions, Plugin } from 'scriptorium';
import { simulate } from 'scriptorium/testing';
import type { MemorySink, Serve, SimulatedProcess, World } from 'scriptorium/testing';
import { expect } from '@jest/globals';
import { simulatedWriter, stopped } from './simulated-writer.js';
import { delta, DONE, finish, goodStream } from './wire.js';

/** Milliseconds one way: the same for each piece, so that times can be asserted exactly. */
export const LATENCY_MS = 5;

/** A server that plays one script a request, a pipeline that knows only this server, and what can be seen of both. */
export interface SimulatedScene {
  readonly server: SimulatedScriptServer;
  readonly pipeline: Pipeline;
  readonly process: SimulatedProcess;
  readonly sink: MemorySink;
}

/** A simulated server that plays one script a request. */
export interface SimulatedScriptServer {
  readonly url: string;
  /** The body of each request. */
  readonly requests: readonly string[];
  /** Virtual milliseconds of each request's arrival. */
  readonly arrivals: readonly number[];
  openConnections(): number;
}

/** How a simulated scene is set up. */
export interface SimulatedSceneOptions {
  /** One a request, the last one repeated. */
  readonly scripts: readonly Serve[];
  /** Backoffs are of 1 to 5 ms unless this sets them, as in a scene on real sockets. */
  readonly config?: ConfigInput;
  readonly plugins?: readonly Plugin[];
  /** Replaces parts, such as the logger. */
  readonly register?: PipelineOptions['register'];
  /** The server of the provider `second`. */
  readonly second?: SimulatedScriptServer;
}

/** Makes the body of a test that runs in a world of its own. */
export function inWorld(test: (world: World) => Promise<void>): () => Promise<void> {
  return async () => {
    await simulate({ seed: 1, latencyMs: [LATENCY_MS, LATENCY_MS], splitRate: 0 }, test);
  };
}

/** @param scripts one a request, the last one repeated */
export function simulatedServer(
  world: World,
  scripts: readonly Serve[],
  name = 'scripted.test',
): SimulatedScriptServer {
  const requests: string[] = [];
  const arrivals: number[] = [];
  const host = world.host(name, (request, exchange) => {
    const script = scripts[Math.min(requests.length, scripts.length - 1)];
    requests.push(request.body);
    arrivals.push(world.elapsedMs);
    return script?.(request, exchange);
  });
  return { url: `${host.url}/api/v1`, requests, arrivals, openConnections: () => host.connections };
}

/** Runs `work` with a scripted server and a process. Afterwards the process must have left nothing, and counted each generation once. */
export async function inScene(
  world: World,
  { scripts, config = {}, second, ...options }: SimulatedSceneOptions,
  work: (scene: SimulatedScene) => Promise<void>,
): Promise<void> {
  const server = simulatedServer(world, scripts);
  const { process, sink } = await simulatedWriter(world, [server.url, second?.url], {
    config: { ...config, retry: { baseMs: 1, capMs: 5, ...config.retry } },
    ...options,
  });
  await work({ server, pipeline: process.pipeline, process, sink });
  await stopped(world, process);
  await world.sleep(2 * LATENCY_MS);
  expect(server.openConnections()).toBe(0);
  const { attempts, generations } = sink;
  expect(new Set(generations.map(({ generationId }) => generationId)).size).toBe(generations.length);
  expect(attempts).toHaveLength(generations.reduce((sum, generation) => sum + generation.attempts, 0));
}

/** Answers with a whole, good stream of these texts. */
export function streams(...texts: readonly string[]): Serve {
  return async (_, exchange) => {
    exchange.open(200, EVENT_STREAM);
    await exchange.end(goodStream(...texts));
  };
}

/** Answers with a whole, good stream of these texts, one every `everyMs`. */
export function paces(everyMs: number, ...texts: readonly string[]): Serve {
  return async (_, exchange) => {
    exchange.open(200, EVENT_STREAM);
    for (const text of texts) {
      await exchange.write(delta(text));
      await exchange.pause(everyMs);
    }
    await exchange.end(finish() + DONE);
  };
}

/** Begins a stream with these events and then falls silent, until the client leaves. */
export function begins(...events: readonly string[]): Serve {
  return async (_, exchange) => {
    exchange.open(200, EVENT_STREAM);
    for (const event of events) await exchange.write(event);
    await exchange.untilGone();
  };
}

/** Never answers. */
export const silent: Serve = (_, exchange) => exchange.untilGone();

/** Answers with a status and a JSON body. */
export function replies(
  status: number,
  body: unknown = { error: { message: 'no', code: status } },
  headers: Readonly<Record<string, string>> = {},
): Serve {
  return async (_, exchange) => {
    exchange.open(status, { 'content-type': 'application/json', ...headers });
    await exchange.end(JSON.stringify(body));
  };
}

/** The headers of a stream. */
export const EVENT_STREAM = { 'content-type': 'text/event-stream' } as const;

/** Stops the process at once, as a busy event loop or a sleeping machine does, and lets it go on after so many milliseconds. */
export function standStill(world: World, process: SimulatedProcess, forMs: number): void {
  process.pause();
  world.at(world.elapsedMs + forMs, () => process.resume());
}
