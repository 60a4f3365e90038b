import { anchorStart } from '../../../../src/chain/continue/splice/anchor.js';
import { Splice } from '../../../../src/chain/continue/splice/splice.js';
import type { SpliceEnd } from '../../../../src/chain/continue/splice/splice.js';

/** What became of an answer: the delivered text with what was added to it, and how the splice took it. */
export interface Joined {
  readonly text: string;
  readonly end: SpliceEnd;
}

/** Lets a splice take an answer whole, to its end, in these deltas; a string comes character by character. */
export function joined(splice: Splice, delivered: string, answer: string | readonly string[]): Joined {
  let text = delivered;
  for (const delta of typeof answer === 'string' ? deltasOf(answer, [1]) : answer) {
    const decision = splice.take(delta);
    if (decision.type === 'untrusted') return { text, end: 'untrusted' };
    if (decision.type === 'emit') text += decision.text;
  }
  return { text, end: splice.close() };
}

/** For a model that was given the text less its anchor. */
export function byAnchor(delivered: string): {
  readonly splice: Splice;
  readonly given: string;
  readonly anchor: string;
} {
  const at = anchorStart(delivered.trimEnd());
  return { splice: new Splice(delivered, at), given: delivered.slice(0, at), anchor: delivered.slice(at).trim() };
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
