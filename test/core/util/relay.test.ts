import { describe, expect, it } from '@jest/globals';
import { finalize, lastValueFrom, Observable, of, Subject, throwError } from 'rxjs';
import type { Subscription } from 'rxjs';
import { relay } from '../../../src/core/util/relay.js';
import type { RelayHandlers } from '../../../src/core/util/relay.js';

/** Subscribes to the source through a relay with these handlers, and notes what arrives. */
function through(source: Observable<number>, handlers: RelayHandlers<number, number>) {
  const seen: unknown[] = [];
  const subscription = source.pipe(relay(() => handlers)).subscribe({
    next: (value) => seen.push(value),
    error: (error: unknown) => seen.push(error),
    complete: () => seen.push('complete'),
  });
  return { seen, subscription };
}

/** Emits its values on subscription, then fails; notes when it is torn down. */
function failing(log: unknown[], ...values: readonly number[]): Observable<number> {
  return new Observable((subscriber) => {
    for (const value of values) subscriber.next(value);
    subscriber.error('broken');
    return () => log.push('torn down');
  });
}

describe('a relay', () => {
  it('passes on what it has no handler for', () => {
    expect(through(of(1, 2), {}).seen).toEqual([1, 2, 'complete']);
    expect(
      through(
        throwError(() => 'broken'),
        {},
      ).seen,
    ).toEqual(['broken']);
  });

  it('makes its handlers anew for each subscription', () => {
    const counted = of(1, 1).pipe(
      relay<number>((subscriber) => {
        let count = 0;
        return { next: () => subscriber.next((count += 1)) };
      }),
    );
    const seen: number[] = [];
    counted.subscribe((value) => seen.push(value));
    counted.subscribe((value) => seen.push(value));
    expect(seen).toEqual([1, 2, 1, 2]);
  });

  it('fails with what a handler throws, and stops the source', () => {
    const source = new Subject<number>();
    const { seen } = through(source, {
      next: () => {
        throw new Error('in the handler');
      },
    });
    source.next(1);
    expect({ seen, isObserved: source.observed }).toEqual({ seen: [new Error('in the handler')], isObserved: false });
  });

  it('reports cancelling once, after the source has stopped, and not after an end', () => {
    const log: unknown[] = [];
    const source = new Observable<number>(() => () => log.push('torn down'));
    const { subscription } = through(source, {
      cancelled: () => log.push('cancelled'),
      finalize: () => log.push('finalize'),
    });
    subscription.unsubscribe();
    subscription.unsubscribe();
    expect(log).toEqual(['torn down', 'cancelled', 'finalize']);
    through(of(1), { cancelled: () => log.push('never'), finalize: () => log.push('finalize') });
    expect(log.slice(3)).toEqual(['finalize']);
  });

  it('tears a failed source down before the one that follows starts, also while subscribing', () => {
    const log: unknown[] = [];
    const following = new Observable<number>((subscriber) => {
      log.push('following');
      subscriber.next(2);
      subscriber.complete();
    });
    const { seen } = through(failing(log, 1), { recover: () => following });
    expect({ seen, log }).toEqual({ seen: [1, 2, 'complete'], log: ['torn down', 'following'] });

    const later = new Subject<number>();
    const { seen: after } = through(later, { recover: () => following });
    later.error('broken');
    expect({ after, isObserved: later.observed }).toEqual({ after: [2, 'complete'], isObserved: false });
  });

  it('does not start the one that follows for a subscriber that has left', () => {
    const source = new Subject<number>();
    const { subscription, seen } = through(source, { recover: () => of(1) });
    subscription.unsubscribe();
    source.error('broken');
    expect(seen).toEqual([]);
  });

  it('stops a source that emits while it is being subscribed to', () => {
    const emitted: number[] = [];
    const source = new Observable<number>((subscriber) => {
      for (let value = 1; value < 10 && !subscriber.closed; value += 1) {
        emitted.push(value);
        subscriber.next(value);
      }
    });
    const seen: unknown[] = [];
    source
      .pipe(
        relay<number>((subscriber, stop) => ({
          next: (value) => {
            if (value === 3) stop();
            if (value === 3) subscriber.error('enough');
            else subscriber.next(value);
          },
        })),
      )
      .subscribe({ next: (value) => seen.push(value), error: (error: unknown) => seen.push(error) });
    expect({ emitted, seen }).toEqual({ emitted: [1, 2, 3], seen: [1, 2, 'enough'] });
  });

  it('follows the failed source with the next one, and releases what it holds, if a teardown throws', () => {
    const log: unknown[] = [];
    const source = new Observable<number>((subscriber) => {
      subscriber.add(() => {
        throw new Error('in a teardown');
      });
      subscriber.error('broken');
    });
    const { seen } = through(source, { recover: () => of(1), finalize: () => log.push('finalize') });
    expect({ log, seen }).toEqual({ log: ['finalize'], seen: [1, 'complete'] });
  });

  it('reports a teardown that throws when the whole subscription is torn down', () => {
    const source = new Observable<number>((subscriber) => {
      subscriber.add(() => {
        throw new Error('in a teardown');
      });
      subscriber.error('broken');
    });
    const { seen, subscription } = through(source, { recover: () => new Subject() });
    expect(() => subscription.unsubscribe()).toThrow('in a teardown');
    expect(seen).toEqual([]);
  });

  it.each<[string, (source: Subject<number>, subscription: Subscription) => void, number]>([
    ['an error', (source) => source.error('broken'), 1],
    ['its completion', (source) => source.complete(), 1],
    ['unsubscribing', (_, subscription) => subscription.unsubscribe(), 0],
  ])('keeps what a teardown throws from the source and the subscriber after %s, if it is a door', (_, end, ends) => {
    const faults: unknown[] = [];
    const source = new Subject<number>();
    const seen: unknown[] = [];
    const subscription = source
      .pipe(
        finalize(() => {
          throw new Error('further in');
        }),
        relay(() => ({ teardownFailed: (error) => faults.push(error) })),
      )
      .subscribe({ error: (error: unknown) => seen.push(error), complete: () => seen.push('complete') });
    expect(() => end(source, subscription)).not.toThrow();
    expect({ faults, seen: seen.length, isObserved: source.observed }).toEqual({
      faults: [expect.objectContaining({ errors: [new Error('further in')] })],
      seen: ends,
      isObserved: false,
    });
  });

  it('reports what a teardown further out throws, if it is a door', () => {
    const faults: unknown[] = [];
    const source = new Subject<number>();
    const seen: unknown[] = [];
    source
      .pipe(
        relay(() => ({ teardownFailed: (error) => faults.push(error) })),
        finalize(() => {
          throw new Error('further out');
        }),
      )
      .subscribe({ complete: () => seen.push('complete') });
    expect(() => source.complete()).not.toThrow();
    expect({ faults: faults.length, seen }).toEqual({ faults: 1, seen: ['complete'] });
  });

  it('fails with what an asynchronous subscribe function rejects with, and reports such a teardown, if it is a door', async () => {
    const faults: unknown[] = [];
    const door = relay<number>(() => ({ teardownFailed: (error) => faults.push(error) }));
    const subscribe = async (): Promise<void> => Promise.reject(new Error('while subscribing'));
    const failure = lastValueFrom(new Observable<number>(subscribe as () => never).pipe(door));
    await expect(failure).rejects.toThrow('while subscribing');
    const teardown = async (): Promise<void> => Promise.reject(new Error('in a teardown'));
    new Observable<number>(() => teardown as () => void).pipe(door).subscribe().unsubscribe();
    await new Promise(setImmediate);
    expect(faults).toContainEqual(new Error('in a teardown'));
  });

  it('treats what a handler throws as a failure of the source', () => {
    const { seen } = through(of(1), {
      next: () => {
        throw new Error('in the handler');
      },
      recover: (error) => of(error instanceof Error ? 2 : 3),
    });
    expect(seen).toEqual([2, 'complete']);
  });
});
