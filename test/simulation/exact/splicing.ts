import { ApiError } from 'scriptorium';
import type { GenerationInput, Message } from 'scriptorium';
import { textIn } from 'scriptorium/provider';
import type { Scenario } from '../scene.js';
import { BROKEN } from './breaks.js';
import { ScriptedVendor } from './scripted-vendor.js';
import { ScriptedWorld } from './scripted-world.js';
import type { Run } from './scripted-world.js';

const SEA = 'The sea was calm. The wind had died down by noon, and every sail hung';
/** Seventy letters of a script without spaces. */
const HANZI = Array.from({ length: 70 }, (_, index) => String.fromCharCode(0x4e00 + index * 37)).join('');
/** Sixty signs of two units each. */
const EMOJI = Array.from({ length: 60 }, (_, index) => String.fromCodePoint(0x1f600 + index));
/** Thirty flags of four units each. */
const FLAGS = Array.from({ length: 30 }, (_, index) =>
  String.fromCodePoint(0x1f1e6 + (index % 26), 0x1f1e6 + ((index * 7 + 3) % 26)),
);
/** Sixty letters of one word. */
const LETTERS = Array.from({ length: 60 }, (_, index) => String.fromCharCode(0x61 + ((index * index) % 26))).join('');
const SHORT = 'The sea was calm.';

export const splicing: Scenario = {
  name: 'splicing',
  about: 'An answer is joined where it proves its place, and nowhere else; every character comes once.',
  run: async (scene) => {
    const instructed = await ScriptedWorld.open(scene);
    const exact = await ScriptedWorld.open(scene, { vendors: [new ScriptedVendor('bard', { prefill: 'exact' })] });
    for (const one of joined(SEA)) await joins(instructed, one);
    for (const one of UNUSUAL) await joins(instructed, one);
    for (const answer of STRAYING) await staysApart(instructed, answer);
    for (const one of TO_THE_LETTER) await joins(exact, one);
    await anchors(instructed);
    await prefills(exact);
    await instructed.close();
    await exact.close();
  },
};

/** A text that breaks off, an answer to the request for the rest, and the text of both. */
interface Joint {
  readonly delivered: string;
  readonly answer: string;
  readonly whole: string;
}

/** The ways in which a model may come to the end of the delivered text. */
function joined(delivered: string): readonly Joint[] {
  const whole = `${delivered} limp. Nobody spoke.`;
  const anchor = anchorOf(delivered);
  const after = (answer: string): Joint => ({ delivered, answer: `${answer} limp. Nobody spoke.`, whole });
  return [
    after(anchor),
    after(delivered),
    after('The wind had died down by noon, and every sail hung'),
    after(`Certainly! Here is the rest:\n\n${anchor}`),
    after(`Here is the rest:\n\n${delivered}`),
    after(`**Here is the rest:**\n\n${anchor}`),
    after(`_Here is the rest:_ \n${anchor}`),
    after(`接下来是：\n${anchor}`),
    after(`Here is the rest:\n\nhad died down by ${anchor}`),
    after(`Here is the rest:\n\nThe wind had died down by ${anchor}`),
    after(`\n\n  ${anchor}`),
  ];
}

/** Texts of other shapes, each with an answer that repeats its last sentence or line. */
const UNUSUAL: readonly Joint[] = [
  ...[
    ['He said: "We must not go!" ', 'Then he closed the door behind him and left'],
    ['(It was the end of the day.) ', 'Then he closed the door behind him and left'],
    ['*It was the end of the day.* ', 'Then he closed the door behind him and left'],
    ['It was the end of the day…\n', 'Then he closed the door behind him and left'],
    ['Quel jour\u00a0! ', "Puis il ferma la porte derrière lui et s'en alla"],
    ['It was the end of the day.\u3000', 'Then he closed the door behind him and left'],
    ['\u00a0\u00a0It was the end of the day.\u00a0', 'Then he closed the door\u00a0behind him and left'],
    ['\n\n', 'Then he closed the door behind him and left'],
    ['# The end of the day\n\n', 'Then he closed the door behind him and left'],
    ['- one thing to do\n', '- another thing to do before the night is over'],
    [`${HANZI}。一天结束了。`, '然后他关上了身后的门,离开了那座古老的城市,再也没有回来过'],
    [`${HANZI}。一天结束了！”`, '然后他关上了身后的门,离开了那座古老的城市,再也没有回来过'],
    ['दिन समाप्त हो गया। ', 'फिर उसने अपने पीछे का दरवाज़ा बंद कर दिया'],
  ].map(([before = '', last = '']) => ({
    delivered: before + last,
    answer: `${last}, and so on.`,
    whole: `${before}${last}, and so on.`,
  })),
  // Too short for an anchor: the request is sent afresh, and the answer begins with all of it.
  { delivered: SHORT, answer: `${SHORT} So was he.`, whole: `${SHORT} So was he.` },
  { delivered: 'Es war', answer: 'Es war einmal.', whole: 'Es war einmal.' },
];

/** Answers that do not prove their place in the text. */
const STRAYING: readonly string[] = [
  'All the sails were hanging down. Nobody spoke.',
  'noon, and every sail was limp. Nobody spoke.',
  'Certainly!\n\nnoon, and every sail hung limp.',
  'and every sail hung limp.',
  'Here is the rest:\n\nthe sails hung limp.',
  `${'Of course I can go on with this text. '.repeat(9)}Here it is:\n\nnoon, and every sail hung limp.`,
  'limp. Nobody spoke.',
];

/** A model that goes on at the very character: nothing is cut but doubled white space. */
const TO_THE_LETTER: readonly Joint[] = [
  { delivered: SEA, answer: ' limp.', whole: `${SEA} limp.` },
  { delivered: 'The sea was cal', answer: 'm and cold.', whole: 'The sea was calm and cold.' },
  { delivered: 'The sea was calm. ', answer: ' And cold.', whole: 'The sea was calm. And cold.' },
  { delivered: 'The end.\n\n', answer: '\n\nThe beginning.', whole: 'The end.\n\nThe beginning.' },
  { delivered: 'The sea. The sea', answer: '. The sea.', whole: 'The sea. The sea. The sea.' },
];

async function joins(world: ScriptedWorld, { delivered, answer, whole }: Joint): Promise<void> {
  for (const pieces of [[answer], Array.from(answer), answer.split(/(?<= )/u)]) {
    world.vendor.script({ texts: [delivered], end: BROKEN }, { texts: pieces });
    const { text, events, stat } = await world.stream();
    world.checks.equal(`after ${JSON.stringify(delivered)}`, text, whole);
    world.checks.equal('its ending', [stat.outcome, stat.attempts], ['success', 2]);
    const splices = events
      .map(({ event }) => event)
      .filter(({ type }) => type === 'continuation' || type === 'restart');
    world.checks.equal('its splice', splices, [
      { type: 'continuation', segment: 2, reason: 'interrupted', provider: 'bard', model: 'a-model' },
    ]);
  }
}

/** Nothing of the answer is used: the stream fails with what it had, and a result begins anew. */
async function staysApart(world: ScriptedWorld, answer: string): Promise<void> {
  for (const pieces of [[answer], Array.from(answer)]) {
    world.vendor.script({ texts: [SEA], end: BROKEN }, { texts: pieces });
    const { text, error, requests } = await world.stream();
    world.checks.equal('the text', text, SEA);
    world.checks.equal(
      'its error',
      [error?.code, error?.partial?.text, error?.provider, error?.model, requests.length],
      ['interrupted', SEA, 'bard', 'a-model', 2],
    );
    world.checks.holds('names its model', error?.message.includes('a-model did not continue') === true, error?.message);
  }
  // It is left as soon as it cannot come back to the text any more: the rest would be paid for nothing.
  const long = Array.from({ length: 400 }, () => 'and so on ');
  world.vendor.script({ texts: [SEA], end: BROKEN }, { texts: [answer, ...long] });
  const { beganAt, endedAt } = await world.stream();
  world.checks.within('it is left', endedAt - beganAt, [200, 600]);
  world.vendor.script({ texts: [SEA], end: BROKEN }, { texts: [answer] }, { texts: ['Another ', 'text.'] });
  const { text, stat } = await world.generate();
  world.checks.equal('begun anew', [text, stat.attempts, stat.outcome], ['Another text.', 3, 'success']);
}

/** What the vendor is asked: the text less its last words, which prove a place if they come back. */
async function anchors(world: ScriptedWorld): Promise<void> {
  const endings: readonly (readonly [string, string])[] = [
    [SEA, 'noon, and every sail hung'],
    // Three words are more than 20 characters.
    [
      'Once upon a time there lived incomprehensibility, antidisestablishmentarianism, he',
      'incomprehensibility, antidisestablishmentarianism, he',
    ],
    // Words that stand in the text before prove nothing, and neither does a run that could go on.
    ['He went up and down the hill. He went up and down the hill', 'hill. He went up and down the hill'],
    [
      'So it goes on and on and on and on and on and on and on and on',
      'goes on and on and on and on and on and on and on and on',
    ],
    [`He went up and down the hill. ${' '.repeat(3)}Nobody had ever seen him`, 'Nobody had ever seen him'],
  ];
  for (const [delivered, anchor] of endings) {
    world.vendor.script({ texts: [delivered], end: BROKEN }, { texts: [`${anchor}, then.`] });
    const { requests, text } = await world.stream();
    world.checks.equal(`the text after ${anchor}`, text, `${delivered}, then.`);
    const [, assistant, instruction] = requests[1]?.messages ?? [];
    const held = delivered.slice(contentOf(assistant).length);
    world.checks.equal('the words held back', held, anchor);
    world.checks.equal(
      'roles',
      requests[1]?.messages.map(({ role }) => role),
      ['user', 'assistant', 'user'],
    );
    world.checks.equal('what goes before', delivered.startsWith(contentOf(assistant)), true);
    world.checks.holds('names them', contentOf(instruction).endsWith(`:\n\n${anchor}`), instruction);
  }
  await repetitions(world);
  await withoutSpaces(world);
  await afresh(world);
}

/** Texts without spaces are cut at the last word that proves its place, never inside a character. */
async function withoutSpaces(world: ScriptedWorld): Promise<void> {
  const family = '👩‍👩‍👧‍👦';
  const flags = '🇩🇪🇫🇷🇮🇹🇪🇸';
  for (const delivered of [
    HANZI,
    `${HANZI}${family.repeat(2)}終`,
    `${HANZI}${flags.repeat(3)}終わりの始まり`,
    `${HANZI}❤️👍🏽${family}${HANZI.slice(0, 13)}終`,
    HANZI.slice(0, 60),
    HANZI.slice(0, 30),
    `${'x'.repeat(60)} ${LETTERS}`,
    EMOJI.join(''),
    ...[0, 1, 2, 3].map((length) => `${HANZI}${FLAGS.join('')}${HANZI.slice(-length - 1)}終`),
    `${EMOJI.join('')}終`,
  ]) {
    world.vendor.script({ texts: [delivered], end: BROKEN }, { texts: [`${delivered}了。`] });
    const { requests, text } = await world.stream();
    world.checks.equal('the text', text, `${delivered}了。`);
    const [, assistant] = requests[1]?.messages ?? [];
    const before = contentOf(assistant);
    const anchor = delivered.slice(before.length);
    const words = Array.from(new Intl.Segmenter('en', { granularity: 'word' }).segment(delivered))
      .filter(({ segment }) => segment.trim() !== '')
      .map(({ index }) => index);
    const fewest = words.findLast((at) => delivered.length - at >= 20 && provesItsPlace(delivered, at));
    world.checks.equal('the words held back', anchor, delivered.slice(fewest));
    const starts = Array.from(
      new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(delivered),
      ({ index }) => index,
    );
    world.checks.holds('not inside a character', starts.includes(before.length), anchor);
  }
}

/** A text of which no part proves its place is asked for from its beginning. */
async function afresh(world: ScriptedWorld): Promise<void> {
  for (const delivered of [
    SHORT,
    LETTERS,
    HANZI.slice(0, 20),
    `${'x'.repeat(60)} ${'y'.repeat(60)}`,
    HANZI.slice(0, 3).repeat(20),
    'to '.repeat(20).trim(),
    'Incomprehensibility: antidisestablishmentarianism',
  ]) {
    world.vendor.script({ texts: [delivered], end: BROKEN }, { texts: [`${delivered}, then.`] });
    const { requests, text } = await world.stream();
    world.checks.equal('the text', text, `${delivered}, then.`);
    world.checks.equal('asked afresh', requests[1]?.messages, requests[0]?.messages);
  }
}

/** A native prefill is the whole text, without white space at its end, and has used a part of the cap. */
async function prefills(world: ScriptedWorld): Promise<void> {
  const { checks, vendor } = world;
  vendor.script({ texts: ['The sea ', 'was ', 'calm. '], end: BROKEN }, { texts: [' And cold.'] });
  const { requests, text } = await world.stream({ maxTokens: 50 });
  checks.equal('the text', text, 'The sea was calm. And cold.');
  checks.equal(
    'the caps',
    requests.map(({ maxTokens }) => maxTokens),
    [50, 47],
  );
  const prefilled: readonly Message[] = [
    { role: 'user', content: 'Begin.' },
    { role: 'assistant', content: 'The sea was calm.' },
  ];
  checks.equal('its messages', requests[1]?.messages, prefilled);
  // A model that refuses the prefill is asked by instruction, with its whole cap.
  const refused = new ApiError('bad-request', 'Prefill is not supported.', { status: 400 });
  vendor.script(
    { texts: ['The sea was calm. The wind ', 'had died down by noon'], end: BROKEN },
    { texts: [], end: refused },
    { texts: ['had died down by noon, too.'] },
  );
  const asked = await world.stream({ maxTokens: 50 });
  checks.equal('by instruction', asked.text, 'The sea was calm. The wind had died down by noon, too.');
  checks.equal(
    'its caps',
    asked.requests.map(({ maxTokens }) => maxTokens),
    [50, 48, 50],
  );
  checks.equal('its last message', asked.requests[2]?.messages.at(-1)?.role, 'user');
  // Refused again, it is given up.
  vendor.script({ texts: [SEA], end: BROKEN }, { texts: [], end: refused }, { texts: [], end: refused });
  const twice: Run = await world.stream();
  checks.equal('refused twice', [twice.error?.code, twice.requests.length, twice.text], ['interrupted', 3, SEA]);
  await otherFailures(world);
}

/** A request to continue that fails for another reason says nothing about continuing. */
async function otherFailures(world: ScriptedWorld): Promise<void> {
  const input: Partial<GenerationInput> = { overrides: { retry: { maxAttempts: 2, jitter: 'none' } } };
  const denied = new ApiError('authentication', 'The key is not valid any more.', { status: 401 });
  world.vendor.script({ texts: [SEA], end: BROKEN }, { texts: [], end: denied });
  const { error, requests, text } = await world.stream(input);
  world.checks.equal(
    'the key is refused in the middle',
    [error?.code, error?.partial?.text, requests.length, text, error?.status],
    ['interrupted', SEA, 2, SEA, 401],
  );
}

/** The last three words, of at least 20 characters. */
function anchorOf(text: string): string {
  const words = text.split(' ');
  let count = 3;
  while (words.slice(-count).join(' ').length < 20) count += 1;
  return words.slice(-count).join(' ');
}

function contentOf(message: Message | undefined): string {
  return message === undefined ? '' : textIn(message.content);
}

/** In texts that repeat themselves, the words held back are the fewest that prove their place. */
async function repetitions(world: ScriptedWorld): Promise<void> {
  const random = world.scene.random;
  for (let index = 0; index < 24; index += 1) {
    // Where words of one letter differ, the fewest characters begin at a word.
    const [often, seldom] = index % 2 === 0 ? ['to', 'and'] : ['a', 'I'];
    const words = Array.from({ length: 60 }, () => (random() < 0.8 ? often : seldom));
    const delivered = `Once ${words.join(' ')}`;
    world.vendor.script({ texts: [delivered], end: BROKEN }, { texts: [`${delivered}, then.`] });
    const { requests } = await world.stream();
    const before = contentOf(requests[1]?.messages[1]);
    const starts = Array.from(delivered.matchAll(/(?<= )\S/gu), ({ index: at }) => at);
    const fewest = starts.findLast(
      (at) =>
        delivered.length - at >= 20 && delivered.slice(at).split(' ').length >= 3 && provesItsPlace(delivered, at),
    );
    world.checks.equal(`the words held back of ${delivered}`, delivered.slice(before.length), delivered.slice(fewest));
  }
}

/** Whether the end of a text from here on stands there once, also if the run in which the text ends goes on. */
function provesItsPlace(text: string, at: number): boolean {
  const anchor = text.slice(at);
  const isOnceIn = (longer: string): boolean => longer.indexOf(anchor) === longer.lastIndexOf(anchor);
  for (let length = 1; length <= text.length / 2; length += 1) {
    const piece = text.slice(-length);
    if (text.endsWith(piece + piece) && !isOnceIn(text + piece)) return false;
  }
  return isOnceIn(text);
}
