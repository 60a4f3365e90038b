import { isDeepStrictEqual } from 'node:util';
import { GenerationError } from '../../core/errors/generation-error.js';
import type { ErrorCode } from '../../core/errors/codes.js';
import type { GenerationEvent } from '../../core/events.js';
import type { GenerationRequest } from '../../core/request.js';
import { must, said } from '../must.js';
import {
  anotherGeneration,
  answer,
  ATTEMPT,
  brokenTextsOf,
  CONTINUATION,
  outcomeAlone,
  outcomeOf,
  pieces,
  played,
  playedRun,
  RESTART,
  shown,
  textOf,
  wholeOf,
} from './plays.js';
import type { Outcome } from './plays.js';
import { inScene } from './scene.js';
import type { InterceptorContract, InterceptorScene, Script } from './scene.js';
import { END } from './told.js';

/** Other requests, by the field in which they differ. Each has an answer of its own. */
const OTHER_REQUESTS: readonly Partial<GenerationRequest>[] = [
  { messages: [{ role: 'user', content: 'Begin another one.' }] },
  { provider: 'another' },
  { model: 'b-model' },
  { maxTokens: 100 },
  { temperature: 0.25 },
  { topP: 0.5 },
  { seed: 2 },
  { stop: ['FIN'] },
  { reasoning: { effort: 'low' } },
  { tools: [{ name: 'look_down' }] },
  { responseFormat: { type: 'json' } },
  { providerOptions: { fake: { session: 'two' } } },
  { continueFrom: 'Loomings. ' },
];

/** What it has stored for one request does not answer another one: for that, next is asked. */
export async function answersEachRequest(contract: InterceptorContract): Promise<void> {
  for (const each of exactToo(contract)) await answersEachOf(each);
}

async function answersEachOf(contract: InterceptorContract): Promise<void> {
  const [first, second] = [wholeOf(contract), `${wholeOf(contract)} And`];
  for (const other of OTHER_REQUESTS) {
    const [field = ''] = Object.keys(other);
    const alone = await outcomeAlone(contract, answer(second), other);
    await inScene(contract, async (scene) => {
      await played(scene, answer(first));
      const outcome = await played(scene, answer(second), other);
      must(
        !isFromStore(scene, outcome) || isDeepStrictEqual(outcome, alone),
        `A request that differs from an earlier one in "${field}" got the answer ${shown(outcome)} instead of ${shown(alone)}. Key what you store by answerKey(request) of scriptorium, which has every field that an answer depends on.`,
      );
    });
  }
}

/** The same request again is answered with a whole text, whatever became of the first answer. */
export async function storesOnlyWholeAnswers(contract: InterceptorContract): Promise<void> {
  for (const each of exactToo(contract)) await storesOnlyWholeOnes(each);
}

async function storesOnlyWholeOnes(contract: InterceptorContract): Promise<void> {
  for (const { voided, whole } of await brokenTextsOf(contract)) {
    const alone = await outcomeAlone(contract, answer(whole));
    for (const [what, script] of Object.entries(earlierAnswers(voided, whole)))
      await inScene(contract, async (scene) => {
        await played(scene, script);
        const run = await playedRun(scene, answer(whole));
        const outcome = outcomeOf(run);
        must(
          !isFromStore(scene, outcome) || isDeepStrictEqual(outcome, alone),
          `After ${what}, the same request got the answer ${shown(outcome)} instead of ${shown(alone)}. Store answers with keepWhole(request, keep) of scriptorium: it keeps only whole ones, without what is void.`,
        );
        must(
          !isFromStore(scene, outcome) || run.events.every((event) => !isPaid(event)),
          "An answer from its store ends with servedFrom: 'provider', as if it had been paid for. Store it with keepWhole(request, keep) of scriptorium, or give its end servedFrom: 'cache'.",
        );
      });
  }
}

function isPaid(event: GenerationEvent): boolean {
  return event.type === 'generation-end' && event.servedFrom === 'provider';
}

/** Whether a second answer came without asking next. An answer that was openly cut may be replayed with that end. */
function isFromStore({ inner }: InterceptorScene, outcome: Outcome): boolean {
  return inner.asked === 1 && 'ended' in outcome && outcome.ended !== 'length';
}

/** A store is often for exact answers alone. */
function exactToo(contract: InterceptorContract): readonly InterceptorContract[] {
  return contract.request === undefined ? [contract, { ...contract, request: { temperature: 0 } }] : [contract];
}

function earlierAnswers(voided: string, whole: string): Readonly<Record<string, Script>> {
  const half = pieces(voided);
  const thought: GenerationEvent = { type: 'reasoning-delta', delta: 'A whale, then.', attempt: 1 };
  const [first, ...rest] = pieces(whole);
  return {
    'an answer that broke off': { events: half, ending: brokenBy('connection') },
    'an answer that was cancelled': { events: half, ending: 'silence' },
    'an answer that the token cap has cut': {
      events: [...half, { ...END, finishReason: { unified: 'length', raw: 'length' } } as GenerationEvent],
      ending: 'complete',
    },
    'an answer with a restart in the middle': answer(whole, [...half, RESTART]),
    'an answer whose first attempt had only thoughts': answer(whole, [ATTEMPT, thought, ATTEMPT]),
    ...(first !== undefined &&
      rest.length > 0 && {
        'an answer of two segments': { events: [first, CONTINUATION, ...rest, END], ending: 'complete' },
      }),
  };
}

function brokenBy(code: ErrorCode): GenerationError {
  return new GenerationError(code, 'The contract suite breaks it off.', { retryable: code !== 'aborted' });
}

/** What broke off is a failure. Another answer in its place voids what was delivered. */
export async function callsNoBrokenAnswerWhole(contract: InterceptorContract): Promise<void> {
  const whole = wholeOf(contract);
  const alone = await outcomeAlone(contract, answer(whole, [ATTEMPT]));
  for (const code of ['connection', 'interrupted', 'aborted'] as const)
    await inScene(contract, async (scene) => {
      const { inner, watch, settle } = scene;
      inner.answerBy((request, asked) =>
        asked === 1 ? broken(whole, code) : answer(restOf(whole, request), [ATTEMPT]),
      );
      const run = watch(anotherGeneration(scene.request));
      await settle();
      const outcome = outcomeOf(run);
      const isWhole = 'ended' in outcome && outcome.ended === 'stop';
      must(
        !isWhole || inner.asked > 1,
        `An answer broke off in mid-text (${code}), and it passes it off as whole: ${shown(outcome)}. Hand on the failure: the pipeline keeps the text as error.partial.`,
      );
      must(
        code !== 'aborted' || inner.asked === 1,
        'It asks next again after a generation was cancelled (aborted), which costs money for nothing. Hand that failure on.',
      );
      must(
        !isWhole || isDeepStrictEqual(outcome, alone),
        `An answer broke off in mid-text (${code}), and it has asked again: its reader gets ${shown(outcome)} instead of ${shown(alone)}. Ask again only before the first text or tool call (isCommitPoint), or emit a restart first.`,
      );
      must(
        isWhole || 'ended' in outcome || GenerationError.is(run.failure),
        `An answer broke off: ${said(run.failure)}`,
      );
    });
}

/** What was delivered before a break has been paid for. It becomes the partial text of the error. */
export async function handsOnBrokenTexts(contract: InterceptorContract): Promise<void> {
  const half = textOf(broken(wholeOf(contract), 'connection').events);
  const alone = await outcomeAlone(contract, answer(half));
  await inScene(contract, async (scene) => {
    const run = await playedRun(scene, broken(wholeOf(contract), 'connection'));
    if (run.failure === undefined || scene.inner.asked > 1 || !('text' in alone)) return;
    const got = textOf(run.events);
    must(
      (got !== '' || alone.text === '') && (got.includes(half) || !alone.text.includes(half)),
      `An answer broke off after ${JSON.stringify(half)}, of which its reader got ${JSON.stringify(got)}. What it holds back is lost, and was paid for: emit it before you hand on the failure.`,
    );
  });
}

function broken(whole: string, code: ErrorCode): Script {
  const all = pieces(whole);
  return { events: [ATTEMPT, ...all.slice(0, Math.max(1, all.length >> 1))], ending: brokenBy(code) };
}

/** What a model adds that continues the text. */
function restOf(whole: string, { continuation }: GenerationRequest): string {
  return continuation === undefined ? whole : whole.slice(continuation.text.length + continuation.anchor.length);
}

/** Its subscriber may leave at any event, also while it gets that event. */
export async function stopsInTheMiddle(contract: InterceptorContract): Promise<void> {
  const script = { ...answer(wholeOf(contract), [ATTEMPT]), isPaced: true };
  for (let at = 1; at < script.events.length; at += 1) await inScene(contract, (scene) => stopsAt(at, scene, script));
}

async function stopsAt(at: number, { inner, watch, settle, clock }: InterceptorScene, script: Script): Promise<void> {
  inner.answerBy(() => script);
  const run = watch();
  const turns = script.events.length + 20;
  for (let turn = 0; turn < turns && run.events.length < at; turn += 1)
    await new Promise((resolve) => setImmediate(resolve));
  if (run.isComplete) return;
  const asked = inner.asked;
  run.stop();
  const [open, heard, timers] = [inner.open, run.events.length, clock.pending];
  await settle();
  const where = `Its subscriber left after event ${heard} of an answer`;
  must(
    open === 0,
    `${where}, and ${open} of ${asked} subscriptions to what next gives are still open. Return next(request).pipe(…), and never subscribe aside.`,
  );
  must(timers === 0, `${where}, and ${timers} timer(s) of its own still run. Cancel them in the teardown.`);
  must(inner.asked === asked, `${where}, and it has asked next again. Nobody reads that answer, and it is paid for.`);
  must(run.events.length === heard, `${where}, and it got another event.`);
}
