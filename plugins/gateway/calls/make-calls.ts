import { AbortError } from 'scriptorium';
import type { Clock, Pipeline } from 'scriptorium/plugin';
import { AnswerOwners } from './answer-owners.js';
import type { Calls, Job } from './call.js';
import { directCall, failedCall } from './direct-call.js';
import { claimedCall, elsewhereCall } from './claimed-call.js';
import { KeptGenerations } from './kept-generations.js';
import type { SharedCalls } from './shared-calls.js';

/** Bytes that the records of all generations together may take. */
const MOST_RECORDED = 256 * 1024 * 1024;

/** Options of `makeCalls`. */
export interface CallsOptions {
  /**
   * Bytes that all records together may take. Beyond, the generations that have waited longest for their clients are given up.
   */
  readonly mostBytes?: number | undefined;
  /** Where gateways see each other's generations. */
  readonly shared?: SharedCalls | undefined;
}

/**
 * The generations of a gateway over a pipeline. Those of a policy with `reattachMs` are recorded, so that clients can come
 * back to them.
 */
export function makeCalls(pipeline: Pipeline, clock: Clock, options: CallsOptions = {}): Calls {
  const { mostBytes = MOST_RECORDED, shared } = options;
  const owners = new AnswerOwners();
  const kept = new KeptGenerations({ pipeline, owners, clock, mostBytes, shared });
  let isClosed = false;
  const isKept = ({ client }: Job): boolean => (client.policy.reattachMs ?? 0) > 0;
  return {
    open: (job) => {
      if (isClosed) return failedCall(new AbortError('The gateway is closing and takes no new requests.'));
      if (!isKept(job)) return directCall({ pipeline, owners }, job);
      const isClaimed = shared !== undefined && job.idempotencyKey !== undefined;
      return isClaimed ? claimedCall(shared, job, () => kept.open(job)) : kept.open(job);
    },
    ...(shared !== undefined && {
      elsewhere: async (job: Job) => (!isClosed && isKept(job) ? elsewhereCall(shared, job) : undefined),
    }),
    known: (job) => (!isClosed && isKept(job) ? kept.known(job) : undefined),
    isOwn: ({ name }, responseId) => owners.isOf(name, responseId),
    close: () => {
      isClosed = true;
      kept.close();
      shared?.close();
    },
  };
}
