import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aRequest } from 'scriptorium/testing';
import { ThoughtsAtHead, thoughtsFrom } from '../../src/chat/thoughts-at-head.js';
import type { ThoughtsInText } from '../../src/chat/thoughts-at-head.js';
import { chunk, delta, end, read, whole } from './read-chunks.js';
import { runs } from '../support/runs.js';

/** What comes out of a text that arrives in these pieces. */
function apart(pieces: readonly string[], where?: ThoughtsInText) {
  const head = new ThoughtsAtHead(where);
  const all = [...pieces.map((piece) => head.take(piece)), head.rest()];
  return { thought: all.map(({ thought }) => thought).join(''), text: all.map(({ text }) => text).join('') };
}

describe('thoughts at the head of a text', () => {
  it.each([
    ['<think>Hm.</think>One.', 'Hm.', 'One.'],
    ['\n<think>\nHm.\n</think>\n\nOne.\n', '\nHm.\n', 'One.\n'],
    ['<thinking>Hm. </think> No.</thinking>One.', 'Hm. </think> No.', 'One.'],
    ['<think></think>One.', '', 'One.'],
    ['<thought>Hm.</thought>One.', 'Hm.', 'One.'],
    ['[THINK]Hm.[/THINK]One.', 'Hm.', 'One.'],
    ['<|START_THINKING|>Hm.<|END_THINKING|>One.', 'Hm.', 'One.'],
    ['<seed:think>Hm.</seed:think>One.', 'Hm.', 'One.'],
    ['◁think▷Hm.◁/think▷One.', 'Hm.', 'One.'],
    ['[THIN AIR] One.', '', '[THIN AIR] One.'],
    ['<think>Only thoughts </thi', 'Only thoughts </thi', ''],
    ['One. <think>Two.</think>', '', 'One. <think>Two.</think>'],
    ['<thin ice>', '', '<thin ice>'],
    ['  <', '', '  <'],
    ['', '', ''],
  ])('%j has the thought %j and the text %j, however it is cut', (whole, thought, text) => {
    expect(apart([whole])).toEqual({ thought, text });
    for (let at = 0; at <= whole.length; at += 1)
      expect(apart([whole.slice(0, at), whole.slice(at)])).toEqual({ thought, text });
    expect(apart(whole.split(/(?=[^])/u))).toEqual({ thought, text });
  });

  it('lose no character of a text without them', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('<', 't', 'hink', '>', 'a', ' ', '</', '\n')), (pieces) => {
        const whole = pieces.join('');
        fc.pre(!/^\s*<think(ing)?>/.test(whole));
        expect(apart(pieces)).toEqual({ thought: '', text: whole });
      }),
      { numRuns: runs() },
    );
  });
});

describe('where the thoughts of a model stand', () => {
  it.each<[ThoughtsInText, string, string, string]>([
    ['opened', 'Hm.</think>\n\nOne.', 'Hm.', 'One.'],
    ['opened', '<think>Hm.</think>One.', 'Hm.', 'One.'],
    ['opened', 'Only thoughts </thi', 'Only thoughts </thi', ''],
    ['none', '<think>Hm.</think>One.', '', '<think>Hm.</think>One.'],
    ['tagged', 'Hm.</think>One.', '', 'Hm.</think>One.'],
  ])('%s: %j has the thought %j and the text %j, however it is cut', (...[where, whole_, thought, text]) => {
    for (let at = 0; at <= whole_.length; at += 1)
      expect(apart([whole_.slice(0, at), whole_.slice(at)], where)).toEqual({ thought, text });
    expect(apart(whole_.split(/(?=[^])/u), where)).toEqual({ thought, text });
  });

  it('is read from a table by model, by its name before a pattern', () => {
    const table = { 'deepseek-r1*': 'opened', 'deepseek-r1:8b': 'none' } as const;
    const where = (model: string) => thoughtsFrom(table, aRequest({ model }), 'instructed');
    expect([where('deepseek-r1:8b'), where('deepseek-r1:70b'), where('qwen3')]).toEqual(['none', 'opened', 'tagged']);
    expect(thoughtsFrom(null, aRequest(), 'instructed')).toBe('tagged');
  });

  it("is not left open by a template where the answer goes on from the assistant's own words", () => {
    const continuation = {
      text: 'It was a dark',
      anchor: ' night',
      instruction: 'Go on.',
      reason: 'interrupted',
      byInstruction: false,
    } as const;
    const request = aRequest({ model: 'm', continuation });
    expect([
      thoughtsFrom({ m: 'opened' }, request, 'exact'),
      thoughtsFrom({ m: 'opened' }, request, 'instructed'),
    ]).toEqual(['tagged', 'opened']);
  });

  it.each([
    ['a field', chunk({ delta: { reasoning_content: 'Hm.' } })],
    ['details', chunk({ delta: { reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] } })],
    ['a part', delta([{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }])],
  ])('is in %s, if the server puts them there, even though the text might open with them', (_, thoughts) => {
    expect(read([thoughts, delta('One.'), end('stop')], { thoughtsInText: 'opened' }).text).toBe('One.');
  });

  it('is the same in a stream, in a message that repeats it, and in a whole body', () => {
    const text = 'Hm.</think>One.';
    const expected = { thought: 'Hm.', text: 'One.' };
    const thoughtsInText = 'opened';
    expect(read([delta(text), end('stop')], { thoughtsInText })).toMatchObject(expected);
    expect(read([delta('Hm.</thi'), delta('nk>One.'), whole(text)], { thoughtsInText })).toMatchObject({
      ...expected,
      warnings: [],
    });
    expect(read([whole(text)], { thoughtsInText, isBody: true })).toMatchObject(expected);
  });

  it('holds nothing back from the timers', () => {
    expect(read([delta('<thi'), delta('nk>Hm.'), delta('</think>One.'), end('stop')]).hadContent).toEqual([
      ...[true, true, true],
      false,
    ]);
  });
});
