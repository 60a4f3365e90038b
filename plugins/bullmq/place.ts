import type { JobsOptions } from 'bullmq';
import type { RunHint } from 'scriptorium/plugins/runs';

/** The data of a job: one place of a run, at which one item after the other is worked on. */
export interface Place {
  readonly run: string;
  /** Counts from 1. */
  readonly place: number;
  readonly isInteractive: boolean;
}

/** Of BullMQ's priorities, from 1 to 2,097,151, the lower ones come first. */
const CLASS = 1_000_000;

/** A job for each item of the run that may be worked on at once. */
export function jobsFor({ run, places, isInteractive, delayMs }: RunHint) {
  return Array.from({ length: places }, (_, index) => jobFor({ run, place: index + 1, isInteractive }, delayMs));
}

/** The job of a place. While there is one, another is not added: it wakes the one that is delayed, and follows one that runs. */
export function jobFor(place: Place, delayMs = 0): { name: string; data: Place; opts: JobsOptions } {
  return {
    name: 'run',
    data: place,
    opts: {
      priority: priorityOf(place),
      ...(delayMs > 0 && { delay: delayMs }),
      deduplication: { id: `${place.run}/${place.place}`, keepLastIfActive: true, reschedule: true },
      removeOnComplete: true,
      removeOnFail: true,
    },
  };
}

/** First places come before second ones, so that all runs have as many items in flight; interactive runs come before all. */
function priorityOf({ place, isInteractive }: Place): number {
  return (isInteractive ? 0 : CLASS) + Math.min(place, CLASS);
}
