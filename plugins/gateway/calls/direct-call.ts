import type { GenerationError, Pipeline } from 'scriptorium/plugin';
import type { Call, Job } from './call.js';
import { eventsOf } from './events-of.js';

/** A generation that ends with its client. Nothing of it is kept. */
export function directCall(pipeline: Pipeline, job: Job): Call {
  const leaving = new AbortController();
  return {
    events: () => eventsOf({ ...job, pipeline, leaving: leaving.signal }),
    delivered: () => undefined,
    abandon: () => leaving.abort(),
  };
}

/** A call that fails, and starts nothing. */
export function failedCall(error: GenerationError): Call {
  return {
    // eslint-disable-next-line @typescript-eslint/require-await -- it fails before any event
    events: async function* () {
      throw error;
    },
    delivered: () => undefined,
    abandon: () => undefined,
  };
}
