import { anchorStart } from '../../../../src/chain/continue/splice/anchor.js';
import type { Doubt, Splice } from '../../../../src/chain/continue/splice/splice.js';
import { spliceTo } from '../../../../src/chain/continue/splice/splice-to.js';
import { ContinuationAsks } from '../../../../src/chain/continue/continuation-asks.js';
import type { ContinuationAsk } from '../../../../src/chain/continue/continuation-asks.js';
import { continueFrom, spliceOf } from '../../../../src/chain/continue/continuation-request.js';
import type { Prefill } from '../../../../src/core/continuation.js';
import { aRequest } from '../../../../src/testing/request-builder.js';

/** What became of an answer: the delivered text with what was added to it, and how the splice took it. */
export interface Joined {
  readonly text: string;
  readonly end: 'joined' | 'whole' | Doubt;
}

/** Lets a splice take an answer whole, to its end, in these deltas; a string comes character by character. */
export function joined(splice: Splice, delivered: string, answer: string | readonly string[]): Joined {
  const deltas = typeof answer === 'string' ? deltasOf(answer, [1]) : answer;
  for (const [index, delta] of deltas.entries()) {
    const decision = splice.take(delta);
    if (decision.type === 'untrusted') return { text: delivered, end: decision.doubt };
    if (decision.type === 'emit')
      return { text: delivered + decision.text + deltas.slice(index + 1).join(''), end: 'joined' };
  }
  const end = splice.close();
  return end.type === 'untrusted' ? { text: delivered, end: end.doubt } : { text: delivered + end.text, end: end.type };
}

/** For a model that was given the text less its anchor. */
export function byAnchor(delivered: string): {
  readonly splice: Splice;
  readonly given: string;
  readonly anchor: string;
} {
  const at = anchorStart(delivered.trimEnd());
  return {
    splice: spliceTo({ text: delivered, anchor: at }),
    given: delivered.slice(0, at),
    anchor: delivered.slice(at).trim(),
  };
}

/** A text in deltas of these sizes, in characters, again and again. */
export function deltasOf(text: string, sizes: readonly number[]): readonly string[] {
  const characters = Array.from(text);
  const deltas: string[] = [];
  for (let at = 0, turn = 0; at < characters.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    deltas.push(characters.slice(at, at + size).join(''));
    at += size;
  }
  return deltas;
}

/** What a model answers when it is given the text up to `at`; 0 if it is asked afresh. */
export type Answer = (whole: string, at: number) => string;

export interface Continuing {
  readonly whole: string;
  /** Where the text broke off. */
  readonly cut: number;
  readonly answer: Answer;
  readonly prefill?: Prefill;
  /** Sizes of the answer's deltas. */
  readonly sizes?: readonly number[];
}

/** Continues a text as `resume` does: asks the model again in other ways as long as its answer is not joined. */
export function continued({
  whole,
  cut,
  answer,
  prefill = 'instructed',
  sizes = [1],
}: Continuing): Joined & { readonly asked: readonly ContinuationAsk[] } {
  const [text, asks, asked] = [whole.slice(0, cut), new ContinuationAsks(), new Array<ContinuationAsk>()];
  for (;;) {
    const ask = asks.current;
    asked.push(ask);
    const { continuation } = continueFrom(aRequest(), { text, custom: null, reason: 'interrupted', ask });
    const wasPrefilled = prefill === 'exact' && !continuation!.byInstruction;
    const given = wasPrefilled ? text.trimEnd() : continuation!.text;
    const said = answer(whole, given.trim() === '' ? 0 : given.length);
    const result = joined(spliceOf(continuation!, { prefill, ask }), text, deltasOf(said, sizes));
    if (result.end === 'joined' || result.end === 'whole' || !asks.next(result.end, wasPrefilled))
      return { ...result, asked };
  }
}
