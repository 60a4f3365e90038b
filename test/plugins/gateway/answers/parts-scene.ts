import fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import type { GenerationError, GenerationEvent, Pipeline } from 'scriptorium';
import { ManualClock } from 'scriptorium/testing';
import type { Admitted } from '../../../../plugins/gateway/access/access.js';
import type { Policy } from '../../../../plugins/gateway/access/policy.js';
import type { Job } from '../../../../plugins/gateway/calls/call.js';
import { chatRoutes } from '../../../../plugins/gateway/routes/chat.js';
import { closing } from './gateway-scene.js';

/** Chat routes over fake parts, and what these parts have seen, in order. */
export interface PartsScene {
  readonly port: number;
  readonly log: readonly string[];
  readonly jobs: readonly Job[];
  readonly key: AbortController;
  readonly clock: ManualClock;
}

export interface FakeParts {
  /** The events of each call; the signal is aborted when the call is abandoned. */
  readonly events: (job: Job, left: AbortSignal) => AsyncIterable<GenerationEvent>;
  readonly admit?: (signal: AbortSignal) => Promise<void>;
  readonly refuses?: GenerationError;
  readonly policy?: Policy;
}

/** Starts the chat routes over fake access and calls. */
export async function partsScene({ events, admit, refuses, policy = {} }: FakeParts): Promise<PartsScene> {
  const log: string[] = [];
  const jobs: Job[] = [];
  const key = new AbortController();
  const clock = new ManualClock();
  const client = { name: 'ada', policy, signal: key.signal };
  const admitted: Admitted = { release: ({ tokens }) => log.push(`release ${tokens}`) };
  const app = fastify({ forceCloseConnections: true });
  await app.register(
    chatRoutes({
      pipeline: { logger: { error: (message: string) => log.push(`log ${message}`) } } as unknown as Pipeline,
      access: {
        hasKeys: () => Promise.resolve(false),
        close: () => undefined,
        clients: () => [],
        clientOf: () => {
          if (refuses !== undefined) throw refuses;
          return client;
        },
        inputOf: (input, _client, { inUrl }) => ({ ...input, labels: { ...input.labels, ...inUrl } }),
        admit: async (_client, signal) => {
          log.push('admit');
          await admit?.(signal);
          return admitted;
        },
      },
      calls: {
        open: (job) => {
          const leaving = new AbortController();
          log.push('open');
          jobs.push(job);
          return {
            events: () => events(job, leaving.signal),
            delivered: () => log.push('delivered'),
            abandon: () => {
              log.push('abandon');
              leaving.abort();
            },
          };
        },
        known: () => undefined,
        isOwn: () => false,
        close: () => undefined,
      },
      clock,
      provider: 'openrouter',
      holdHeadersMs: 5_000,
      keepAliveMs: 15_000,
      metrics: undefined,
      runs: undefined,
      isReady: () => true,
    }),
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  closing({ close: () => app.close() });
  return { port: (app.server.address() as AddressInfo).port, log, jobs, key, clock };
}
