import type { Observable } from 'rxjs';
import { systemClock } from '../../core/clock.js';
import { GenerationError } from '../../core/errors/generation-error.js';
import type { GenerationEvent } from '../../core/events.js';
import { SILENT_MONITOR } from '../../core/monitor.js';
import type { AttemptMonitor } from '../../core/monitor.js';
import type { Connection, Provider } from '../../core/provider.js';
import type { GenerationRequest } from '../../core/request.js';
import { fetchTransport } from '../../transport/fetch-transport.js';
import { checkGrammar } from '../grammar.js';
import type { Transport } from '../../core/transport.js';
import { Backpressure } from '../../core/util/backpressure.js';
import { aRequest } from '../request-builder.js';
import type { ProvedProvider, ProviderContract } from './contract.js';
import { startWireServer } from './wire-server.js';
import type { WireServer } from './wire-server.js';

/** A key that must be seen nowhere but on the wire. */
export const KEY = 'key-canary-4b1d';

/** How long anything may take before it counts as never. */
const PATIENCE_MS = 4_000;

/** The provider under proof, its server, and what can be seen of both. */
export interface ProviderScene extends Pick<ProviderContract, 'dialect'> {
  readonly provider: Provider;
  readonly server: WireServer;
  /** Of connections that the provider opens by the pipeline's transport. */
  readonly connection: Connection;
  /** Pieces of content that the provider has told the monitor of. */
  readonly contentHeard: number;
  readonly request: (parts?: Partial<GenerationRequest>) => GenerationRequest;
  /** Watches one generation to its end, whatever kind of end. */
  readonly watch: (request?: GenerationRequest) => Promise<ProviderRun>;
}

/** How one generation went. */
export interface ProviderRun {
  readonly events: readonly GenerationEvent[];
  readonly text: string;
  readonly failure?: GenerationError;
}

/** Runs a check with a server of its own, and closes everything after it. */
export async function withProvider(
  contract: ProviderContract,
  check: (scene: ProviderScene) => Promise<void>,
): Promise<void> {
  const server = await startWireServer();
  const transport = fetchTransport();
  const { monitor, count } = contentCounter();
  const connection = connectionTo(server, transport, monitor);
  let made: ProvedProvider | undefined;
  try {
    const provider = (made = await contract.make({ url: server.url, apiKey: KEY }));
    const request = (parts: Partial<GenerationRequest> = {}): GenerationRequest =>
      aRequest({ provider: provider.id, ...contract.request, ...parts });
    await check({
      provider,
      server,
      connection,
      request,
      dialect: contract.dialect,
      get contentHeard() {
        return count();
      },
      watch: (asked = request()) => watchEvents(provider.generate(asked, connection)),
    });
  } finally {
    // The result is not part of the contract of a provider.
    await Promise.resolve()
      .then(() => made?.dispose?.())
      .catch(() => undefined);
    transport.close?.();
    await server.close();
  }
}

function connectionTo(server: WireServer, transport: Transport, monitor: AttemptMonitor): Connection {
  return {
    monitor,
    clock: systemClock,
    attempt: 1,
    backpressure: new Backpressure(),
    open: async (request, signal) => {
      const response = await transport.open(request, signal, monitor);
      return server.isSlicing ? { ...response, body: byteByByte(response.body) } : response;
    },
  };
}

function contentCounter(): { readonly monitor: AttemptMonitor; readonly count: () => number } {
  let count = 0;
  const onContent = (): void => {
    count += 1;
  };
  return { monitor: { ...SILENT_MONITOR, onContent }, count: () => count };
}

/** A machine's network may put together again what the server has written apart. */
async function* byteByByte(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) for (const byte of chunk) yield Uint8Array.of(byte);
}

/** All of a stream, its grammar checked. Rejects if it breaks the grammar, or comes to no end. */
export function watchEvents(stream: Observable<GenerationEvent>): Promise<ProviderRun> {
  const events: GenerationEvent[] = [];
  const course = (): ProviderRun => ({
    events,
    text: events.map((event) => (event.type === 'text-delta' ? event.delta : '')).join(''),
  });
  return inTime(
    'The provider has neither ended the stream nor failed',
    new Promise((resolve, reject) => {
      stream.pipe(checkGrammar()).subscribe({
        next: (event) => events.push(event),
        error: (error: unknown) => {
          if (GenerationError.is(error)) resolve({ ...course(), failure: error });
          else reject(error instanceof Error ? error : new Error(String(error)));
        },
        complete: () => resolve(course()),
      });
    }),
  );
}

/** The same promise, failing with this complaint if it takes longer than anything may. */
export async function inTime<T>(complaint: string, work: Promise<T>, ms = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${complaint} after ${ms} ms.`)), ms);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
