import { describe, expect, it } from '@jest/globals';
import { Observable, of, Subject } from 'rxjs';
import { GenerationError, readText } from 'scriptorium';
import type { GenerationEvent } from 'scriptorium';
import { anEnd, TEXT, watch } from '../chain/chain.js';

const RESTART: GenerationEvent = { type: 'restart', reason: 'interrupted' };
const MORE: GenerationEvent = { type: 'text-delta', delta: 'Some years ago.' };

/** Keeps every text that was read. */
function reading() {
  const texts: string[] = [];
  const begin = () => {
    const index = texts.push('') - 1;
    return (piece: string): void => {
      texts[index] = (texts[index] ?? '') + piece;
    };
  };
  return { texts, begin };
}

describe('readText', () => {
  it('reads the text of a restart apart from the text before it, and passes every event on', () => {
    const { texts, begin } = reading();
    const events = [TEXT, RESTART, MORE, anEnd()];
    const run = watch(of(...events).pipe(readText({}, begin)));
    expect({ texts, events: run.events }).toEqual({ texts: ['Call me Ishmael. ', 'Some years ago.'], events });
  });

  it('reads a continued text as one text, of which a given text is the first piece', () => {
    const { texts, begin } = reading();
    const splice = { type: 'continuation', segment: 2, reason: 'given', provider: 'fake', model: 'a-model' } as const;
    watch(of(splice, MORE, anEnd()).pipe(readText({ continueFrom: 'Call me Ishmael. ' }, begin)));
    expect(texts).toEqual(['Call me Ishmael. Some years ago.']);
  });

  it('reads without the given text after a restart, which has voided it', () => {
    const { texts, begin } = reading();
    watch(of(RESTART, MORE, anEnd()).pipe(readText({ continueFrom: 'Call me' }, begin)));
    expect(texts).toEqual(['Call me', 'Some years ago.']);
  });

  it('reads two subscriptions at once as two texts', () => {
    const { texts, begin } = reading();
    const source = new Subject<GenerationEvent>();
    const events = source.pipe(readText({}, begin));
    for (const run of [watch(events), watch(events)]) expect(run.hasFailed).toBe(false);
    source.next(TEXT);
    expect(texts).toEqual(['Call me Ishmael. ', 'Call me Ishmael. ']);
  });

  it('fails the answer with what is thrown, keeps that piece back, and unsubscribes from the source', () => {
    const source = new Subject<GenerationEvent>();
    const refusing = readText({}, () => (piece) => {
      if (piece.includes('years')) throw new GenerationError('content-filter', 'Years are not allowed.');
    });
    const run = watch(source.pipe(refusing));
    source.next(TEXT);
    source.next(MORE);
    expect({ events: run.events, message: run.error.message, observed: source.observed }).toEqual({
      events: [TEXT],
      message: 'Years are not allowed.',
      observed: false,
    });
  });

  it('refuses a given text before the model is asked', () => {
    let asked = 0;
    const source = new Observable<GenerationEvent>(() => void (asked += 1));
    const refusing = readText({ continueFrom: 'Years' }, () => () => {
      throw new GenerationError('content-filter', 'Years are not allowed.');
    });
    expect({ message: watch(source.pipe(refusing)).error.message, asked }).toEqual({
      message: 'Years are not allowed.',
      asked: 0,
    });
  });
});
