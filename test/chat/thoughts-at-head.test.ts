import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ThoughtsAtHead } from '../../src/chat/thoughts-at-head.js';
import { runs } from '../support/runs.js';

/** What comes out of a text that arrives in these pieces. */
function apart(...pieces: readonly string[]) {
  const head = new ThoughtsAtHead();
  const all = [...pieces.map((piece) => head.take(piece)), head.rest()];
  return { thought: all.map(({ thought }) => thought).join(''), text: all.map(({ text }) => text).join('') };
}

describe('thoughts at the head of a text', () => {
  it.each([
    ['<think>Hm.</think>One.', 'Hm.', 'One.'],
    ['\n<think>\nHm.\n</think>\n\nOne.\n', '\nHm.\n', 'One.\n'],
    ['<thinking>Hm. </think> No.</thinking>One.', 'Hm. </think> No.', 'One.'],
    ['<think></think>One.', '', 'One.'],
    ['<think>Only thoughts </thi', 'Only thoughts </thi', ''],
    ['One. <think>Two.</think>', '', 'One. <think>Two.</think>'],
    ['<thin ice>', '', '<thin ice>'],
    ['  <', '', '  <'],
    ['', '', ''],
  ])('%j has the thought %j and the text %j, however it is cut', (whole, thought, text) => {
    expect(apart(whole)).toEqual({ thought, text });
    for (let at = 0; at <= whole.length; at += 1)
      expect(apart(whole.slice(0, at), whole.slice(at))).toEqual({ thought, text });
    expect(apart(...whole.split(/(?=[^])/u))).toEqual({ thought, text });
  });

  it('lose no character of a text without them', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('<', 't', 'hink', '>', 'a', ' ', '</', '\n')), (pieces) => {
        const whole = pieces.join('');
        fc.pre(!/^\s*<think(ing)?>/.test(whole));
        expect(apart(...pieces)).toEqual({ thought: '', text: whole });
      }),
      { numRuns: runs() },
    );
  });
});
