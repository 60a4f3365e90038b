import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concat, from, lastValueFrom, NEVER, of } from 'rxjs';
import type { Observable } from 'rxjs';
import { collect, GenerationError, keepWhole } from 'scriptorium';
import type { GenerationEvent, RequestOrInput } from 'scriptorium';
import { RUNS } from '../support/runs.js';
import { anEnd, failing, REASONING, TEXT, TOOL_CALL, watch } from '../chain/chain.js';

const START: GenerationEvent = { type: 'attempt-start', attempt: 1, provider: 'fake', model: 'a-model' };
const RESTART: GenerationEvent = { type: 'restart', reason: 'interrupted' };
const MORE: GenerationEvent = { type: 'text-delta', delta: 'Some years ago.' };
const SOURCE: GenerationEvent = { type: 'annotation', annotation: { type: 'url_citation' } };
const FROM_CACHE = anEnd({ servedFrom: 'cache' });

/** What is kept of a stream, and how its reader sees it. */
function keeping(events: Observable<GenerationEvent>, request: RequestOrInput = {}) {
  const kept: (readonly GenerationEvent[])[] = [];
  const run = watch(events.pipe(keepWhole(request, (answer) => kept.push(answer))));
  return { kept, run };
}

describe('keepWhole', () => {
  it('keeps nothing that a restart has voided', () => {
    const { kept, run } = keeping(of(START, TEXT, RESTART, START, MORE, anEnd()));
    expect(kept).toEqual([[MORE, FROM_CACHE]]);
    expect(run.events).toEqual([START, TEXT, RESTART, START, MORE, anEnd()]);
  });

  it('keeps all segments of a continued text, without the reasoning of an attempt that added nothing', () => {
    const splice = { type: 'continuation', segment: 2, reason: 'interrupted', provider: 'a', model: 'b' } as const;
    const { kept } = keeping(of(START, TEXT, SOURCE, START, REASONING, START, splice, MORE, anEnd()));
    expect(kept).toEqual([[TEXT, SOURCE, MORE, FROM_CACHE]]);
  });

  it.each<[string, Observable<GenerationEvent>]>([
    [
      'fails',
      concat(
        of(TEXT),
        failing(() => new GenerationError('interrupted', 'It broke off.')),
      ),
    ],
    ['is cancelled', concat(of(TEXT), NEVER)],
    ['was cut', of(TEXT, anEnd({ finishReason: { unified: 'length', raw: 'length' } }))],
    ['comes from a cache', of(TEXT, FROM_CACHE)],
  ])('does not keep an answer that %s', (_which, events) => {
    const { kept, run } = keeping(events);
    run.stop();
    expect(kept).toEqual([]);
  });

  it('does not keep an answer that has voided a given text, which a replay could not void', () => {
    expect(keeping(of(RESTART, MORE, anEnd()), { continueFrom: 'Call me' }).kept).toEqual([]);
    expect(keeping(of(RESTART, MORE, anEnd()), { continueFrom: '' }).kept).toEqual([[MORE, FROM_CACHE]]);
  });

  it('does not fail a whole answer that cannot be kept, but warns', () => {
    const full = (): never => {
      throw new Error('disk full');
    };
    const run = watch(of(TEXT, anEnd()).pipe(keepWhole({}, full)));
    expect({ events: run.events, isComplete: run.isComplete }).toEqual({
      events: [
        TEXT,
        { type: 'warning', about: 'keepWhole', message: 'A whole answer could not be kept: disk full.' },
        anEnd(),
      ],
      isComplete: true,
    });
  });

  it('does not wait for a promise, nor lets its rejection end the process', async () => {
    const run = watch(of(TEXT, anEnd()).pipe(keepWhole({}, () => Promise.reject(new Error('no route')))));
    expect(run.isComplete).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
  });

  it('keeps events that fold to the same result as the stream itself', async () => {
    const event = fc.constantFrom<GenerationEvent>(START, TEXT, MORE, REASONING, TOOL_CALL, SOURCE, RESTART);
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 12 }), async (events) => {
        const { kept } = keeping(from([...events, anEnd()]));
        const contentOf = async (stream: readonly GenerationEvent[]) => {
          const { text, reasoning, toolCalls, annotations } = await lastValueFrom(from(stream).pipe(collect()));
          return { text, reasoning, toolCalls, annotations };
        };
        expect(await contentOf(kept[0] ?? [])).toEqual(await contentOf([...events, anEnd()]));
      }),
      RUNS,
    );
  });
});
