import { afterAll, describe, expect, it } from '@jest/globals';
import { anEmulator, assistant, closeAll, complete, stream, user } from './client.js';
import { findModel } from '../../src/emulator/models.js';
import { writeProse } from '../../src/emulator/prose.js';
import { tokensOf } from '../../src/emulator/tokens.js';
import { createWriter } from '../../src/emulator/writer.js';

const PROMPT = [{ role: 'system', content: 'You write books.' }, user('Write a chapter about the sea.')];
const INSTRUCTION = user('Continue exactly where the text breaks off. Do not repeat anything.');
const write = createWriter({ seed: 1, words: 350 });
const asked = (model: string, ...messages: { role: string; content: string }[]) =>
  write(
    findModel(model)!,
    [...PROMPT, ...messages].map(({ role, content }) => ({ role, text: content })),
  );
const wholeOf = (model: string) => asked(model).whole;
const ENCODINGS = [
  ['a prefill', (text: string) => [assistant(text)]],
  ['an instruction', (text: string) => [assistant(text), INSTRUCTION]],
] as const;

afterAll(closeAll);

describe('the text', () => {
  it('is about as long as asked, in whole sentences and paragraphs', () => {
    const text = wholeOf('scriptorium/embedded-ngram');
    expect(text.split(/\s+/).length).toBeGreaterThan(330);
    expect(text.split(/\s+/).length).toBeLessThan(450);
    expect(text).toMatch(/^\S[^]*\n\n[^]*[.!?]'?$/);
    expect(text).not.toMatch(/\n{3}| {2}| \n|\n /);
  });

  it('depends on seed, model and messages, and on nothing else', async () => {
    const [one, same, other] = [
      await anEmulator({ seed: 5 }),
      await anEmulator({ seed: 5 }),
      await anEmulator({ seed: 6 }),
    ];
    const request = { model: 'scriptorium/exact', messages: PROMPT };
    const text = one.textFor(request);
    expect(same.textFor(request)).toBe(text);
    expect(other.textFor(request)).not.toBe(text);
    expect(one.textFor({ ...request, model: 'scriptorium/starts-over' })).not.toBe(text);
    expect(one.textFor({ ...request, messages: [user('Another prompt')] })).not.toBe(text);
    expect((await complete(one, { ...request, max_tokens: 40, temperature: 1.5 })).choices?.[0]?.message?.content).toBe(
      text.slice(0, tokensOf(text).slice(0, 40).join('').length),
    );
    expect(one.textFor({ ...request, messages: [...PROMPT, assistant(text.slice(0, 99))] })).toBe(text);
    expect(one.textFor({ ...request, messages: [...PROMPT, assistant(text.slice(0, 99)), INSTRUCTION] })).toBe(text);
    expect(
      one.textFor({
        ...request,
        messages: PROMPT.map(({ role, content }) => ({ role, content: [{ type: 'text', text: content }] })),
      }),
    ).toBe(text);
  });

  it('has the length that the model id asks for, to the end of a sentence', () => {
    for (const characters of [1, 500, 15_000]) {
      const text = wholeOf(`scriptorium/exact-${characters}`);
      expect(text.length).toBeGreaterThanOrEqual(characters);
      expect(text.length).toBeLessThan(characters + 400);
    }
    expect(wholeOf('scriptorium/diverges-after-15000').length).toBeGreaterThan(20_000);
    expect(findModel('scriptorium/diverges-after-15000-30000')?.length?.atLeast).toBe(30_000);
    expect(
      createWriter({ seed: 1, words: 20 })(findModel('scriptorium/exact')!, []).whole.split(/\s+/).length,
    ).toBeLessThan(90);
  });

  it('is cut into tokens of four characters or so that add up to it, code points kept whole', () => {
    const text = wholeOf('scriptorium/exact-15000');
    expect(tokensOf(text).join('')).toBe(text);
    expect(text.length / tokensOf(text).length).toBeGreaterThan(3.5);
    expect(text.length / tokensOf(text).length).toBeLessThan(4.5);
    const awkward = ' \n\nÜber🦊🦊🦊🦊🦊🦊🦊\u2028  日本語日本語日本語\tend ';
    expect(tokensOf(awkward).join('')).toBe(awkward);
    expect(tokensOf(awkward).filter((token) => encodeURIComponent(token) === '')).toEqual([]);
    expect(tokensOf('')).toEqual([]);
  });

  it('is its own continuation, wherever a start breaks off', () => {
    const length = { unit: 'words', atLeast: 60 } as const;
    const start = 'Ada Lovelace, née Byron — 🦊 — wrote "Notes".\n\nTh';
    const foreign = writeProse({ seed: 3, length, start });
    expect(foreign.startsWith(start)).toBe(true);
    for (let cut = start.length; cut <= foreign.length; cut += 1)
      expect(writeProse({ seed: 3, length, start: foreign.slice(0, cut) })).toBe(foreign);
  });
});

describe.each(ENCODINGS)('asked to go on by %s', (_name, encode) => {
  it.each(['scriptorium/exact-2000', 'scriptorium/embedded-ngram', 'scriptorium/moby-dick'])(
    '%s goes on at the very next character, wherever the cut',
    (model) => {
      const whole = wholeOf(model);
      for (let cut = 1; cut < whole.length; cut += 1) {
        const text = whole.slice(0, cut);
        expect(text + asked(model, ...encode(text)).answer).toBe(whole);
        expect(text.trimEnd() + asked(model, ...encode(text.trimEnd())).answer).toBe(whole);
      }
    },
  );

  it('starts-over begins with the first character', () => {
    const whole = wholeOf('scriptorium/starts-over');
    expect(asked('scriptorium/starts-over', ...encode(whole.slice(0, 700))).answer).toBe(whole);
  });

  it('repeats-last-sentence begins with the sentence that broke off, or the last whole one', () => {
    const model = 'scriptorium/repeats-last-sentence';
    const whole = wholeOf(model);
    const end = /[a-z]{4}[.!?]\s+(?=[A-Z])/.exec(whole.slice(300))!;
    const second = 300 + end.index + end[0].length;
    expect(asked(model, ...encode(whole.slice(0, second + 12))).answer).toBe(whole.slice(second));
    const { answer } = asked(model, ...encode(whole.slice(0, second).trimEnd()));
    expect(whole.endsWith(answer)).toBe(true);
    expect(whole.length - answer.length).toBeLessThan(second);
    expect(asked(model, ...encode(whole.slice(0, 3))).answer).toBe(whole);
  });

  it('chats-first says so, repeats some words and goes on', () => {
    const whole = wholeOf('scriptorium/chats-first');
    const { answer } = asked('scriptorium/chats-first', ...encode(whole.slice(0, 700)));
    const [, preamble, rest = ''] = /^(Certainly! Here is the continuation:\n\n)([^]*)$/.exec(answer) ?? [];
    expect(preamble).toBeDefined();
    expect(whole.endsWith(rest)).toBe(true);
    const repeated = whole.slice(whole.length - rest.length, 700);
    expect(repeated.trim().split(/\s+/)).toHaveLength(8);
  });

  it('paraphrases-the-joint says the last words in other words and goes on', () => {
    const whole = wholeOf('scriptorium/paraphrases-the-joint');
    const cut = whole.lastIndexOf(' ', 700);
    const { answer } = asked('scriptorium/paraphrases-the-joint', ...encode(whole.slice(0, cut)));
    expect(answer.endsWith(whole.slice(cut))).toBe(true);
    const reworded = answer.slice(0, answer.length - (whole.length - cut));
    expect(reworded.length).toBeGreaterThan(20);
    const tail = whole.slice(0, cut).trim().split(/\s+/).slice(-8);
    for (let index = 0; index + 1 < tail.length; index += 1)
      expect(reworded).not.toContain(`${tail[index]} ${tail[index + 1]}`);
    const word = / [a-z]{5,} /.exec(whole.slice(500))!;
    const inside = 500 + word.index + 3;
    expect(
      asked('scriptorium/paraphrases-the-joint', ...encode(whole.slice(0, inside))).answer.endsWith(
        whole.slice(inside - 2),
      ),
    ).toBe(true);
  });

  it('diverges-after-15000 begins again and leaves its own text there', () => {
    const whole = wholeOf('scriptorium/diverges-after-15000');
    const { answer } = asked('scriptorium/diverges-after-15000', ...encode(whole.slice(0, 18_000)));
    expect(answer.slice(0, 15_000)).toBe(whole.slice(0, 15_000));
    expect(answer.slice(15_000, 15_050)).not.toBe(whole.slice(15_000, 15_050));
    expect(answer.length).toBeGreaterThan(20_000);
  });

  it('adds to a text of a foreign hand, the same however often it breaks off', () => {
    const start = 'It was a bright cold day in April, and the clocks were striking thirt';
    const { whole, answer } = asked('scriptorium/exact', ...encode(start));
    expect(whole).toBe(start + answer);
    expect(answer.length).toBeGreaterThan(500);
    const further = whole.slice(0, 333);
    expect(further + asked('scriptorium/exact', ...encode(further)).answer).toBe(whole);
  });

  it.each(['exact', 'starts-over', 'chats-first'])('%s has nothing to add to the whole text', async (name) => {
    const emulator = await anEmulator();
    const model = `scriptorium/${name}`;
    const messages = [...PROMPT, ...encode(emulator.textFor({ model, messages: PROMPT }))];
    const { text, chunks } = await stream(emulator, { model, messages });
    expect(text).toBe('');
    expect(chunks.at(-1)?.choices?.[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)?.usage).toMatchObject({ completion_tokens: 0 });
    expect(chunks.at(-1)?.usage?.prompt_tokens).toBeGreaterThan(300);
  });
});

describe('a conversation', () => {
  it('gets a new text when the user asks for something new after an answer', () => {
    const first = wholeOf('scriptorium/exact');
    const { whole, answer } = asked(
      'scriptorium/exact',
      assistant(first),
      user('Thank you. Continue with chapter two.'),
    );
    expect(answer).toBe(whole);
    expect(whole).not.toBe(first);
  });

  it('with an empty prefill is one without', () => {
    expect(asked('scriptorium/exact', assistant(' ')).answer).toBe(wholeOf('scriptorium/exact'));
  });
});
