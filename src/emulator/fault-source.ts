import type { Fault } from './faults.js';
import type { LoggedRequest } from './request-log.js';

/** Decides which request meets which fault. */
export interface FaultSource {
  /** Appends faults for the requests to come, one each; undefined lets one pass. */
  readonly script: (...faults: readonly (Fault | undefined)[]) => void;
  /** The fault of this request: the next of the script, else what the option says. */
  next(request: LoggedRequest, index: number): Fault | undefined;
  /** Forgets what is scripted. */
  clear(): void;
}

/** A source with an empty script. */
export function faultSource(
  choose: (request: LoggedRequest, index: number) => Fault | undefined = () => undefined,
): FaultSource {
  const scripted: (Fault | undefined)[] = [];
  return {
    script: (...faults) => void scripted.push(...faults),
    next: (request, index) => (scripted.length > 0 ? scripted.shift() : choose(request, index)),
    clear: () => void scripted.splice(0),
  };
}
