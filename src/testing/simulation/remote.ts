import type { MaybePromise } from '../../core/ports.js';
import type { SimulatedHost } from './host.js';
import type { Owner } from './timeline.js';
import type { Wires } from './wires.js';

/**
 * The fate of one call to a store elsewhere. `refused`: it fails and does nothing. `unanswered`: it does nothing, and no
 * answer comes. `lost`: it is done, but no answer comes. `late`: the answer comes after ten seconds.
 */
export type Fate = 'fine' | 'refused' | 'unanswered' | 'lost' | 'late';

const LATE_MS = 10_000;

/** Dependencies of a call over the network. */
export interface CallParts {
  readonly wires: Wires;
  readonly client: Owner;
  readonly host: SimulatedHost;
  /** Chooses the fate of one call. */
  readonly fate: (method: string) => Fate;
}

/**
 * Calls a store that lives on a host, over the virtual network. A caller whose process has died gets no answer.
 */
export function callRemote<T>(
  { wires, client: caller, host, fate: fateOf }: CallParts,
  method: string,
  work: () => MaybePromise<T>,
): Promise<T> {
  const { timeline } = wires;
  if (caller.condition === 'gone') return new Promise(() => undefined);
  const fate = fateOf(method);
  return new Promise((resolve, reject) => {
    const answer = (run: () => void, afterMs = 0): void => {
      const label = `answer of ${host.name} to ${method}`;
      timeline.schedule(wires.latency() + afterMs, { owner: caller, label, run });
    };
    const serve = (): void => {
      if (host.down === 'silently' || fate === 'unanswered') return;
      if (host.down === 'loudly' || fate === 'refused') {
        answer(() => reject(new Error(`${host.name} refused ${method}`)));
        return;
      }
      const value = new Promise<T>((done) => done(work()));
      value.catch(() => undefined);
      if (fate !== 'lost') answer(() => resolve(value), fate === 'late' ? LATE_MS : 0);
    };
    const send = (): void => {
      timeline.schedule(wires.latency(), { owner: host, label: `${method} to ${host.name}`, run: serve });
    };
    // A paused process sends once it runs again.
    if (caller.condition === 'running') send();
    else timeline.schedule(0, { owner: caller, label: `${method} to ${host.name}`, run: send });
  });
}
