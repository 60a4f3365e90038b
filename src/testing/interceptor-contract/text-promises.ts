import { isDeepStrictEqual } from 'node:util';
import { from } from 'rxjs';
import { must } from '../must.js';
import {
  anotherGeneration,
  answer,
  CONTINUATION,
  longestText,
  outcomeAlone,
  outcomeOf,
  pairsOf,
  pieces,
  played,
  RESTART,
  shown,
  wholeOf,
} from './plays.js';
import type { Outcome, TextPair } from './plays.js';
import { inScene } from './scene.js';
import type { InterceptorContract, InterceptorRun } from './scene.js';
import { END } from './told.js';

const REMEDY = 'Read texts with readText(request, begin) of scriptorium: what begin keeps belongs to one text.';

/** All text so far is void at a restart, so what follows has the outcome that it has alone. */
export async function beginsAnewAfterRestart(contract: InterceptorContract): Promise<void> {
  for (const { voided, whole } of await pairsOf(contract)) {
    const alone = await outcomeAlone(contract, answer(whole));
    await inScene(contract, async ({ inner, watch, settle }) => {
      inner.answerWith([...pieces(voided), RESTART, ...pieces(whole), END], 'complete');
      const run = watch();
      await settle();
      const outcome = outcomeOf(run);
      const hasKept = 'text' in outcome && 'text' in alone && outcome.text.length > alone.text.length;
      must(
        isDeepStrictEqual(outcome, alone) || !hasKept || handedOnRestart(run),
        'It keeps a restart to itself, so its reader takes the void text for a part of the answer. Hand on the event, or hold the text back until it stands.',
      );
      must(
        isDeepStrictEqual(outcome, alone),
        `After a restart, which voids the text so far, an answer has another outcome than alone: ${shown(outcome)} instead of ${shown(alone)}. It still counts the void text. ${REMEDY}`,
      );
    });
  }
}

function handedOnRestart({ events }: InterceptorRun): boolean {
  return events.some(({ type }) => type === 'restart');
}

/** The splice of two segments is invisible in the text. */
export async function takesSegmentsAsOneText(contract: InterceptorContract): Promise<void> {
  const whole = wholeOf(contract);
  const half = whole.length >> 1;
  const longest = await longestText(contract);
  const pairs = [{ first: whole.slice(0, half), second: whole.slice(half) }];
  if (longest !== undefined) pairs.push({ first: longest, second: longest });
  for (const { first, second } of pairs) {
    const events = [...pieces(first), ...pieces(second), END];
    const inOne = await outcomeAlone(contract, { events, ending: 'complete' });
    await inScene(contract, async ({ inner, watch, settle }) => {
      inner.answerWith([...pieces(first), CONTINUATION, ...pieces(second), END], 'complete');
      const run = watch();
      await settle();
      const inTwo = outcomeOf(run);
      must(
        isDeepStrictEqual(inTwo, inOne),
        `A text of two segments has another outcome than the same text in one: ${shown(inTwo)} instead of ${shown(inOne)}. The text before a continuation stands: do not begin anew there. ${REMEDY}`,
      );
      must(
        !run.isComplete || run.events.some(({ type }) => type === 'continuation'),
        'It keeps a continuation to itself, so its reader cannot see where another attempt continued the text. Hand on the event.',
      );
    });
  }
}

/** Whoever subscribes again, as a retry does, gets an answer of its own, also while the first one is under way. */
export async function keepsSubscriptionsApart(contract: InterceptorContract): Promise<void> {
  for (const pair of await pairsOf(contract)) {
    const alone = {
      voided: await outcomeAlone(contract, answer(pair.voided)),
      whole: await outcomeAlone(contract, answer(pair.whole)),
    };
    for (const atOnce of [false, true]) {
      const { first, second, asked } = await subscribedTwice(contract, pair, atOnce);
      // It may answer the second one from a store, or let both share one answer.
      const expected = asked === 1 ? alone.voided : alone.whole;
      must(
        isDeepStrictEqual(first, alone.voided) && isDeepStrictEqual(second, expected),
        `Two subscriptions to one answer${atOnce ? ' at the same time' : ', one after the other,'} disturb each other: ${shown(first)} and ${shown(second)} instead of ${shown(alone.voided)} and ${shown(expected)}. What it keeps belongs to one subscription: put it inside defer(). ${REMEDY}`,
      );
    }
  }
}

interface Subscribed {
  readonly first: Outcome;
  readonly second: Outcome;
  readonly asked: number;
}

async function subscribedTwice(
  contract: InterceptorContract,
  { voided, whole }: TextPair,
  atOnce: boolean,
): Promise<Subscribed> {
  let subscribed: Subscribed | undefined;
  await inScene(contract, async ({ definition, request, inner, follow, settle }) => {
    inner.answerBy((_, asked) => ({ ...answer(asked === 1 ? voided : whole), isPaced: atOnce }));
    const events = from(definition.intercept(Object.freeze(anotherGeneration(request)), inner.handler));
    const turns = atOnce ? pieces(voided + whole).length + 5 : 0;
    const first = follow(events);
    if (!atOnce) await settle();
    const second = follow(events);
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await settle();
    subscribed = { first: outcomeOf(first), second: outcomeOf(second), asked: inner.asked };
  });
  if (subscribed === undefined) throw new Error('The two subscriptions were not played.');
  return subscribed;
}

/** A pipeline has one interceptor for all its generations. */
export async function keepsGenerationsApart(contract: InterceptorContract): Promise<void> {
  const other = { messages: [{ role: 'user', content: 'Begin another one.' }] } as const;
  for (const { voided, whole } of await pairsOf(contract)) {
    const alone = await outcomeAlone(contract, answer(whole), other);
    await inScene(contract, async (scene) => {
      await played(scene, answer(voided));
      const outcome = await played(scene, answer(whole), other);
      must(
        isDeepStrictEqual(outcome, alone),
        `A generation has another outcome after an earlier one than alone: ${shown(outcome)} instead of ${shown(alone)}. What it keeps of a text belongs to one generation, not to the interceptor. ${REMEDY}`,
      );
    });
  }
}
