import type { GenerationError, Pipeline } from 'scriptorium/plugin';
import type { Call, Job } from './call.js';
import { eventsOf } from './events-of.js';
import { NOTHING_SPENT } from './spent.js';

/** A generation that ends with its client. Nothing of it is kept. */
export function directCall(pipeline: Pipeline, job: Job): Call {
  const leaving = new AbortController();
  let hasBegun = false;
  return {
    events: () => {
      hasBegun = true;
      return eventsOf({ ...job, pipeline, leaving: leaving.signal });
    },
    delivered: () => undefined,
    abandon: () => {
      if (!hasBegun) job.onEnd?.(NOTHING_SPENT);
      leaving.abort();
    },
  };
}

/** A call that fails, and starts nothing. */
export function failedCall(error: GenerationError, { onEnd }: Job): Call {
  onEnd?.(NOTHING_SPENT);
  return {
    // eslint-disable-next-line @typescript-eslint/require-await -- it fails before any event
    events: async function* () {
      throw error;
    },
    delivered: () => undefined,
    abandon: () => undefined,
  };
}
