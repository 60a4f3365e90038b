import { Observable } from 'rxjs';
import type { Clock } from '../core/clock.js';
import type { RateLimiter } from '../core/ports.js';
import type { LimitKey } from '../core/provider.js';
import { limitedKey } from './limited-key.js';
import type { LimitedKey } from './limited-key.js';
import { Queue } from './queue.js';

/** The limiter of one process. Requests with the same keys share a queue; queues that share a key share its limits. */
export function localRateLimiter(clock: Clock, skewMs: number): RateLimiter {
  const limited = new Map<string, LimitedKey>();
  const queues = new Map<string, Queue>();

  const keyFor = (key: LimitKey): LimitedKey => remember(limited, JSON.stringify(key), () => limitedKey(key, clock, skewMs));
  const serveAll = (): void => queues.forEach((queue) => queue.serve());
  const queueFor = (keys: readonly LimitKey[]): Queue =>
    remember(queues, JSON.stringify(keys), () => new Queue(keys.map(keyFor), clock, serveAll));

  return { acquire: (keys) => new Observable((subscriber) => queueFor(keys).enter(subscriber)) };
}

function remember<T>(known: Map<string, T>, name: string, make: () => T): T {
  const found = known.get(name) ?? make();
  known.set(name, found);
  return found;
}
