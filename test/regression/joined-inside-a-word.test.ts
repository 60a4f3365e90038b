import { describe, expect, it } from '@jest/globals';
import { RequestContext } from '../../src/core/context.js';
import { MAY_RESTART } from '../../src/core/continuation.js';
import type { GenerationEvent } from '../../src/core/events.js';
import { breaks, generated, says } from '../chain/continue/going-on.js';

/** The text that is left after the last restart. */
function textOf(events: readonly GenerationEvent[]): string {
  return events
    .slice(events.findLastIndex(({ type }) => type === 'restart') + 1)
    .map((event) => (event.type === 'text-delta' ? event.delta : ''))
    .join('');
}

describe.each(['instructed', 'exact'] as const)('a text that breaks off behind a blank (%s)', (prefill) => {
  it.each([
    ['The ', 'There was a ship at sea.'],
    ['A ', 'An old man sat down.'],
    ['In ', 'Into the woods they went.'],
    ['The\n', 'There was a ship.'],
    ['The sea is a good ', 'The sea is a goodness of its own.'],
  ])('is not joined inside a word: %j and %j', (partial, answer) => {
    const given = prefill === 'exact' ? partial.trimEnd().length : 0;
    const streams = [breaks([partial]), says(answer.slice(given)), says(answer), says(answer)];
    const context = RequestContext.empty.with(MAY_RESTART, 'always');
    const { run } = generated(streams, { prefill, request: { context } });
    expect({ text: textOf(run.events), isComplete: run.isComplete }).toEqual({ text: answer, isComplete: true });
  });
});

describe('a text that breaks off within its first word', () => {
  it('is not joined behind a first sentence that ends with a colon', () => {
    const answer = 'Ingredients for four:\n1 pound of flour';
    const context = RequestContext.empty.with(MAY_RESTART, 'always');
    const { run } = generated([breaks(['1']), says(answer), says(answer)], {
      prefill: 'instructed',
      request: { context },
    });
    expect(textOf(run.events)).toBe(answer);
  });
});
