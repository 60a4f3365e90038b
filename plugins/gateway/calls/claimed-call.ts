import { AbortError, GenerationError } from 'scriptorium';
import type { Call, Job } from './call.js';
import { failedCall } from './direct-call.js';
import { identityOf } from './identity.js';
import type { SharedCalls } from './shared-calls.js';

/** A call that starts its generation only if no gateway has one for the same request under way. */
export function claimedCall(shared: SharedCalls, job: Job, open: () => Call): Call {
  const identity = identityOf(job);
  let call: Call | undefined;
  let isGone = false;
  return {
    events: async function* () {
      await shared.claim(identity);
      if (isGone) {
        shared.drop(identity);
        throw new AbortError('The client has left before its generation began.');
      }
      call = open();
      yield* call.events();
    },
    delivered: () => call?.delivered(),
    abandon: () => {
      isGone = true;
      call?.abandon();
    },
  };
}

/**
 * The call of a request that another gateway knows; undefined if none does. While the store is away, a request without an
 * `Idempotency-Key` goes on, and one with it is refused.
 */
export async function elsewhereCall(shared: SharedCalls, job: Job): Promise<Call | undefined> {
  const identity = identityOf(job);
  try {
    const events = await shared.find(identity);
    if (events === undefined) return undefined;
    return {
      // eslint-disable-next-line @typescript-eslint/require-await -- all of it is there
      events: async function* () {
        yield* events;
      },
      delivered: () => shared.delivered(identity),
      abandon: () => undefined,
    };
  } catch (error) {
    const isRefusal = GenerationError.is(error) && error.status !== undefined;
    if (!isRefusal && job.idempotencyKey === undefined) return undefined;
    return failedCall(error as GenerationError);
  }
}
