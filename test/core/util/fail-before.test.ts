import { describe, expect, it } from '@jest/globals';
import { Observable, of, throwError } from 'rxjs';
import { GenerationError } from '../../../src/core/errors/generation-error.js';
import { failBefore } from '../../../src/core/util/fail-before.js';

const noThree = failBefore<number>((value) => (value === 3 ? new GenerationError('budget', 'no three') : undefined));

describe('failBefore', () => {
  it('forwards values without objections, and the end', () => {
    const heard: unknown[] = [];
    of(1, 2)
      .pipe(noThree)
      .subscribe({ next: (value) => heard.push(value), complete: () => heard.push('complete') });
    throwError(() => 'its own failure')
      .pipe(noThree)
      .subscribe({ error: (error) => heard.push(error) });
    expect(heard).toEqual([1, 2, 'complete', 'its own failure']);
  });

  it('stops the source before it fails in place of a value', () => {
    const heard: string[] = [];
    new Observable<number>((subscriber) => {
      subscriber.add(() => heard.push('stopped'));
      subscriber.next(1);
      subscriber.next(3);
      heard.push(subscriber.closed ? 'closed' : 'open');
      subscriber.next(4);
    })
      .pipe(noThree)
      .subscribe({
        next: (value) => heard.push(String(value)),
        error: (error: GenerationError) => heard.push(error.message),
      });
    expect(heard).toEqual(['1', 'stopped', 'no three', 'closed']);
  });
});
