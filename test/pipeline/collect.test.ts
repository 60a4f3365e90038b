import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, of } from 'rxjs';
import { collect } from 'scriptorium';
import type { GenerationEvent } from 'scriptorium';
import { anEnd } from '../chain/chain.js';

const text = (delta: string): GenerationEvent => ({ type: 'text-delta', delta });
const thought = (delta: string): GenerationEvent => ({ type: 'reasoning-delta', attempt: 1, delta });
const start = (attempt: number, model: string): GenerationEvent => {
  return { type: 'attempt-start', attempt, provider: 'a', model };
};
const splice = (model: string): GenerationEvent => {
  return { type: 'continuation', segment: 2, reason: 'interrupted', provider: 'a', model };
};

/** What is in the result of these events. */
async function foldOf(...events: GenerationEvent[]) {
  const result = await lastValueFrom(of(...events, anEnd()).pipe(collect()));
  const segments = result.segments.map((segment) => `${segment.model}: ${segment.text}`);
  return { text: result.text, reasoning: result.reasoning, segments };
}

describe('collect', () => {
  it('gives each segment its own text, and drops the thoughts of attempts that were void', async () => {
    const first = [start(1, 'one'), thought('void '), start(2, 'one'), thought('kept '), text('Call '), text('me ')];
    const second = [
      start(3, 'two'),
      thought('lost '),
      splice('two'),
      start(4, 'three'),
      thought('end'),
      text('Ishmael.'),
    ];
    expect(await foldOf(...first, ...second)).toEqual({
      text: 'Call me Ishmael.',
      reasoning: 'kept end',
      segments: ['one: Call me ', 'two: Ishmael.'],
    });
  });

  it('begins anew at a restart', async () => {
    const bad = [start(1, 'one'), thought('bad '), text('Bad '), splice('two'), text('draft.')];
    const restart: GenerationEvent = { type: 'restart', reason: 'connection' };
    expect(await foldOf(...bad, restart, start(2, 'three'), thought('good'), text('Good.'))).toEqual({
      text: 'Good.',
      reasoning: 'good',
      segments: ['three: Good.'],
    });
  });

  it('names the model that continues where nothing stood before', async () => {
    expect(await foldOf(start(1, 'one'), thought('mm '), splice('two'), text('Whole.'))).toEqual({
      text: 'Whole.',
      reasoning: 'mm ',
      segments: ['two: Whole.'],
    });
  });
});
