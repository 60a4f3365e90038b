import { Observable } from 'rxjs';
import type { Subscription } from 'rxjs';

/** The source, tied to `work` before it runs: it may emit, and be stopped for it, while it is still being subscribed to. */
export function stoppedBy<T>(work: Subscription, source: Observable<T>): Observable<T> {
  return new Observable((subscriber) => {
    work.add(subscriber);
    source.subscribe(subscriber);
  });
}
