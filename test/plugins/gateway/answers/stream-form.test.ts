import { describe, expect, it } from '@jest/globals';
import type { GenerationEvent } from 'scriptorium';
import { streamForm } from '../../../../plugins/gateway/answers/stream-form.js';
import { anEnd } from '../../../support/an-end.js';
import { chunksOf } from './ask.js';

const FIRST: readonly GenerationEvent[] = [
  { type: 'attempt-start', attempt: 1, provider: 'mine', model: 'first' },
  { type: 'response-metadata', responseId: 'gen-1' },
];
const SECOND: readonly GenerationEvent[] = [
  { type: 'attempt-start', attempt: 2, provider: 'mine', model: 'second' },
  { type: 'response-metadata', responseId: 'gen-2' },
];
const TEXT: GenerationEvent = { type: 'text-delta', delta: 'The sea.' };
const MORE: GenerationEvent = {
  type: 'continuation',
  segment: 2,
  reason: 'interrupted',
  provider: 'mine',
  model: 'second',
};

function written(events: readonly GenerationEvent[]) {
  const form = streamForm({ created: 0, model: 'asked', dialect: 'openai', wantsUsage: false });
  const text = events.map((event) => form.take(event)).join('');
  const heads = chunksOf(text).map(({ id, model }) => `${id} ${model}`);
  return { heads: [...new Set(heads)], header: String(form.head()['x-generation-id']) };
}

describe('the head of a streamed answer', () => {
  it('is that of the attempt that begins the answer, also where an earlier one had thoughts', () => {
    const thought: GenerationEvent = { type: 'reasoning-delta', delta: 'Hm.', attempt: 1 };
    expect(written([...FIRST, thought, ...SECOND, TEXT, anEnd()])).toEqual({
      heads: ['gen-2 second'],
      header: 'gen-2',
    });
  });

  it('stays the same when another attempt continues the text', () => {
    expect(written([...FIRST, TEXT, MORE, ...SECOND, TEXT, anEnd()])).toEqual({
      heads: ['gen-1 first'],
      header: 'gen-1',
    });
  });

  it('has an id of its own where the vendor gives none, or gives it after the first thought', () => {
    const thought: GenerationEvent = { type: 'reasoning-delta', delta: 'Hm.', attempt: 1 };
    const { heads, header } = written([FIRST[0]!, thought, FIRST[1]!, TEXT, anEnd()]);
    expect(heads).toEqual([`${header} first`]);
    expect(header).toMatch(/^gen-[0-9a-f-]{36}$/);
  });
});
