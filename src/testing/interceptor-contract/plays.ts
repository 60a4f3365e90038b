import type { GenerationEnd, GenerationEvent } from '../../core/events.js';
import { GenerationError } from '../../core/errors/generation-error.js';
import type { GenerationRequest } from '../../core/request.js';
import { StandingContent } from '../../core/standing-content.js';
import { newGenerationState, withState } from '../../core/state.js';
import { said } from '../must.js';
import { inScene } from './scene.js';
import type { InterceptorContract, InterceptorRun, InterceptorScene, Script } from './scene.js';
import { END } from './told.js';

/** How a reader sees an answer. The text of a failed answer is not compared, since it may come in other pieces. */
export type Outcome =
  { readonly failed: string } | { readonly ended: string; readonly text: string; readonly reasoning: string };

export const RESTART: GenerationEvent = { type: 'restart', reason: 'interrupted' };
export const ATTEMPT: GenerationEvent = { type: 'attempt-start', attempt: 1, provider: 'fake', model: 'a-model' };
export const CONTINUATION: GenerationEvent = {
  type: 'continuation',
  segment: 2,
  reason: 'interrupted',
  provider: 'fake',
  model: 'a-model',
};

/** Words that a length is searched with. */
const MOST_WORDS = 1_024;

/** Texts that leave something open where they break off: a word, a sentence, quotes, brackets, code, thoughts. */
const VOIDED = ['Once upon a time, in a to', 'She said: “Listen, "this is (\n```ts\n<think> { "a": [ 1'];
const WHOLE = 'Call me Ishmael. Some years ago, I went to sea.';

/** Words that filters often refuse, and a half of each. A text that begins with the other half is void before it. */
const SPLIT_WORDS = ['th|e', 'forb|idden', 'sec|ret', 'pass|word', 'da|mn'];

/** What may become void, and what stands after it. */
export interface TextPair {
  readonly voided: string;
  readonly whole: string;
}

/** The text that the interceptor accepts for sure. */
export function wholeOf({ texts }: InterceptorContract): string {
  return texts?.whole ?? WHOLE;
}

/**
 * The texts to play, of which the interceptor accepts each one. The last pair has the longest text that it accepts, if it
 * limits them: that of up to 1,024 words.
 */
export async function pairsOf(contract: InterceptorContract): Promise<readonly TextPair[]> {
  const accepted = [...(await brokenTextsOf(contract))];
  for (const [first = '', second = ''] of SPLIT_WORDS.map((word) => word.split('|'))) {
    const pair = { voided: `Far from ${first}`, whole: `${second} sea it rained.` };
    if ((await accepts(contract, pair.voided)) && (await accepts(contract, pair.whole))) accepted.push(pair);
  }
  const longest = await longestText(contract);
  return longest === undefined ? accepted : [...accepted, { voided: longest, whole: longest }];
}

/** Texts that break off, and a whole one. The interceptor accepts each one. */
export async function brokenTextsOf(contract: InterceptorContract): Promise<readonly TextPair[]> {
  const whole = wholeOf(contract);
  const voided = contract.texts === undefined ? VOIDED : [contract.texts.voided, ...VOIDED];
  const accepted: TextPair[] = [];
  for (const text of voided) if (await accepts(contract, text)) accepted.push({ voided: text, whole });
  return accepted;
}

/** Twice that text is refused. */
export async function longestText(contract: InterceptorContract): Promise<string | undefined> {
  for (let words = 8; words < MOST_WORDS; words *= 2)
    if (!(await accepts(contract, wordy(2 * words))))
      return (await accepts(contract, wordy(words))) ? wordy(words) : undefined;
  return undefined;
}

function wordy(words: number): string {
  return Array.from({ length: words }, (_, index) => `wave-${index} `).join('');
}

async function accepts(contract: InterceptorContract, text: string): Promise<boolean> {
  const outcome = await outcomeAlone(contract, answer(text));
  return 'ended' in outcome && outcome.ended === 'stop';
}

/** A whole answer with this text. */
export function answer(text: string, before: readonly GenerationEvent[] = []): Script {
  return { events: [...before, ...pieces(text), END], ending: 'complete' };
}

/** The text in pieces: one a word. */
export function pieces(text: string): readonly GenerationEvent[] {
  return (text.match(/\S+\s*|\s+/gu) ?? []).map((delta) => ({ type: 'text-delta', delta }));
}

/** The outcome of this answer with a new interceptor. */
export async function outcomeAlone(
  contract: InterceptorContract,
  script: Script,
  request?: Partial<GenerationRequest>,
): Promise<Outcome> {
  let outcome: Outcome | undefined;
  await inScene(contract, async (scene) => {
    outcome = await played(scene, script, request);
  });
  return outcome ?? { failed: 'it was not played' };
}

/** Plays an answer to one more generation in this scene, and gives its outcome. */
export async function played(
  scene: InterceptorScene,
  script: Script,
  request: Partial<GenerationRequest> = {},
): Promise<Outcome> {
  return outcomeOf(await playedRun(scene, script, request), request.continueFrom);
}

/** Plays an answer to one more generation in this scene. */
export async function playedRun(
  scene: InterceptorScene,
  script: Script,
  request: Partial<GenerationRequest> = {},
): Promise<InterceptorRun> {
  scene.inner.answerBy(() => script);
  const run = scene.watch(anotherGeneration(scene.request, request));
  await scene.settle();
  run.stop();
  return run;
}

/** The same request in a generation of its own. */
export function anotherGeneration(
  request: GenerationRequest,
  parts: Partial<GenerationRequest> = {},
): GenerationRequest {
  return withState({ ...request, id: `${request.id}-again`, ...parts }, newGenerationState(0));
}

export function outcomeOf({ events, isComplete, failure }: InterceptorRun, given = ''): Outcome {
  if (failure !== undefined)
    return { failed: GenerationError.is(failure) ? failure.code : `not with a GenerationError: ${said(failure)}` };
  if (!isComplete) return { failed: 'it has come to no end' };
  const end = events.find((event): event is GenerationEnd => event.type === 'generation-end');
  const before = events.some(({ type }) => type === 'restart') ? '' : given;
  return {
    ended: end?.finishReason.unified ?? 'without an end',
    text: before + textOf(events),
    reasoning: textOf(events, 'reasoning-delta'),
  };
}

/** The text or the reasoning that stands. */
export function textOf(
  events: readonly GenerationEvent[],
  type: 'text-delta' | 'reasoning-delta' = 'text-delta',
): string {
  const content = new StandingContent();
  for (const event of events) content.take(event);
  return content.events.map((event) => (event.type === type ? event.delta : '')).join('');
}

/** An outcome in a sentence. */
export function shown(outcome: Outcome): string {
  if ('failed' in outcome) return `a failure (${outcome.failed})`;
  const text = outcome.text.length > 120 ? `${outcome.text.slice(0, 120)}…` : outcome.text;
  const reasoning = outcome.reasoning === '' ? '' : ` with the reasoning ${JSON.stringify(outcome.reasoning)}`;
  return `${JSON.stringify(text)}${reasoning} (${outcome.ended})`;
}
