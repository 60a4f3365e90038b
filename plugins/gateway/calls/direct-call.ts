import type { GenerationError } from 'scriptorium/plugin';
import type { Call, Job } from './call.js';
import { eventsOf } from './events-of.js';
import type { OwnGeneration } from './events-of.js';

/** A generation that ends with its client. Nothing of it is kept. */
export function directCall(parts: Pick<OwnGeneration, 'pipeline' | 'owners'>, job: Job): Call {
  const leaving = new AbortController();
  return {
    events: () => eventsOf({ ...job, ...parts, leaving: leaving.signal }),
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
