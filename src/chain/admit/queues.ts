import type { Clock } from '../../core/clock.js';
import type { Gate } from './gate.js';
import { Queue } from './queue.js';

/** One queue before one gate for each key, made when it is first asked for. */
export function queuesBy<G extends Gate<undefined, Permit>, Permit>(clock: Clock, makeGate: (onChange: () => void) => G): (key: string) => { readonly gate: G; readonly queue: Queue<undefined, Permit> } {
  const known = new Map<string, { readonly gate: G; readonly queue: Queue<undefined, Permit> }>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const gate: G = makeGate(() => made.queue.serve());
    const made = { gate, queue: new Queue(gate, clock) };
    known.set(key, made);
    return made;
  };
}
