import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, of, Subject, toArray } from 'rxjs';
import { InterruptedError, onlyText } from 'scriptorium';
import type { GenerationEvent } from 'scriptorium';
import { anEnd, REASONING, TEXT } from '../chain/chain.js';

const MORE: GenerationEvent = { type: 'text-delta', delta: 'Some years ago.' };

describe('onlyText', () => {
  it('passes on the text of all segments, and nothing else', async () => {
    const splice = { type: 'continuation', segment: 2, reason: 'interrupted', provider: 'a', model: 'b' } as const;
    const pieces = of<GenerationEvent[]>(REASONING, TEXT, splice, MORE, anEnd()).pipe(onlyText(), toArray());
    expect(await lastValueFrom(pieces)).toEqual(['Call me Ishmael. ', 'Some years ago.']);
  });

  it('fails at a restart, since it cannot take back what it has passed on, and leaves the source', () => {
    const events = new Subject<GenerationEvent>();
    const pieces: string[] = [];
    let failure: unknown;
    events
      .pipe(onlyText())
      .subscribe({ next: (piece) => pieces.push(piece), error: (error: unknown) => (failure = error) });
    events.next(TEXT);
    events.next({ type: 'restart', reason: 'connection' });
    expect(failure).toBeInstanceOf(InterruptedError);
    expect({ pieces, partial: (failure as InterruptedError).partial.text, observed: events.observed }).toEqual({
      pieces: ['Call me Ishmael. '],
      partial: 'Call me Ishmael. ',
      observed: false,
    });
  });
});
