import { AbortError } from 'scriptorium';
import type { Clock, Pipeline } from 'scriptorium/plugin';
import { AnswerOwners } from './answer-owners.js';
import type { Calls, Job } from './call.js';
import { directCall, failedCall } from './direct-call.js';
import { KeptGenerations } from './kept-generations.js';

/** Bytes that the records of all generations together may take. */
const MOST_RECORDED = 256 * 1024 * 1024;

/**
 * The generations of a gateway over a pipeline. Those of a policy with `reattachMs` are recorded, so that clients can come
 * back to them.
 * @param mostBytes bytes that all records together may take. Beyond, the generations that have waited longest for their
 * clients are given up.
 */
export function makeCalls(pipeline: Pipeline, clock: Clock, mostBytes = MOST_RECORDED): Calls {
  const owners = new AnswerOwners();
  const kept = new KeptGenerations({ pipeline, owners, clock, mostBytes });
  let isClosed = false;
  const isKept = ({ client }: Job): boolean => (client.policy.reattachMs ?? 0) > 0;
  return {
    open: (job) => {
      if (isClosed) return failedCall(new AbortError('The gateway is closing and takes no new requests.'));
      return isKept(job) ? kept.open(job) : directCall({ pipeline, owners }, job);
    },
    known: (job) => (!isClosed && isKept(job) ? kept.known(job) : undefined),
    isOwn: ({ name }, responseId) => owners.isOf(name, responseId),
    close: () => {
      isClosed = true;
      kept.close();
    },
  };
}
