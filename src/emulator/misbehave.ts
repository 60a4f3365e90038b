import type { Delivery } from './delivery.js';
import type { WireError } from './errors.js';
import type { ErrorChunk, Fault, Garbage, Place, Truncate } from './faults.js';

/** The error of a fault that does not name one. */
export const PROVIDER_FAILED: WireError = {
  code: 502,
  message: 'Provider disconnected',
  metadata: { error_type: 'provider_unavailable' },
};

/** Thrown when a fault has ended an answer. */
export class AnswerSpoiled extends Error {
  override readonly name = 'AnswerSpoiled';
}

/** The misdeeds that depend on the format of an answer. Each ends the answer; `garbage` may let it go on. */
export interface Spoiler {
  truncate(fault: Truncate): Promise<void>;
  garbage(fault: Garbage): Promise<'ended' | 'goes-on'>;
  error(fault: ErrorChunk): Promise<void>;
  /** Stops the comments of a stream. */
  silence(): void;
}

/** Where the fault strikes, if it is one that strikes somewhere in an answer. */
export function placeOf(fault: Fault): Place | undefined {
  return fault.stall ?? fault.reset ?? fault.fin ?? fault.truncate ?? fault.garbage ?? fault.errorChunk;
}

/** After how many deltas the fault strikes; Infinity if it does so elsewhere or nowhere. */
export function deltasBefore(fault: Fault): number {
  return deltasUpTo(placeOf(fault));
}

/** How many deltas come before a place; Infinity if it is not between two of them. */
export function deltasUpTo(place: Place | undefined): number {
  return typeof place === 'object' ? place.afterDeltas : Infinity;
}

/** Writes what the fault puts into a stream, if it belongs in this place. */
export async function insert(
  at: Exclude<Extract<Place, string>, 'before-headers'> | 'after-deltas',
  { fault, exchange }: Pick<Delivery, 'fault' | 'exchange'>,
): Promise<void> {
  const { insert: inserted } = fault;
  if (inserted === undefined) return;
  if ((typeof inserted.at === 'object' ? 'after-deltas' : inserted.at) === at) await exchange.write(inserted.text);
}

/** Does what the fault wants at this place, which may be nothing. @throws AnswerSpoiled when the answer is over. */
export async function misbehave(
  at: Extract<Place, string> | 'after-deltas',
  { fault, record, exchange }: Delivery,
  spoiler: Spoiler,
): Promise<void> {
  const place = placeOf(fault);
  if (place === undefined || (typeof place === 'object' ? 'after-deltas' : place) !== at) return;
  if (fault.stall !== undefined) {
    if (fault.keepAlive !== true) spoiler.silence();
    await exchange.untilGone();
  }
  record.outcome = 'faulted';
  if (fault.reset !== undefined) exchange.reset();
  else if (fault.fin !== undefined) exchange.hangUp();
  else if (fault.truncate !== undefined) await spoiler.truncate(fault);
  else if (fault.errorChunk !== undefined) await spoiler.error(fault);
  else if (fault.garbage !== undefined && (await spoiler.garbage(fault)) === 'goes-on') return;
  throw new AnswerSpoiled();
}
