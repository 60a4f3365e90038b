import { anchorStart } from '../../../../src/chain/continue/splice/anchor.js';
import { Seam } from '../../../../src/chain/continue/splice/splice.js';
import type { SeamEnd } from '../../../../src/chain/continue/splice/splice.js';

/** What became of an answer: the delivered text with what was added to it, and how the seam took it. */
export interface Joined {
  readonly text: string;
  readonly end: SeamEnd;
}

/** Lets a seam take an answer whole, to its end, in these deltas; a string comes character by character. */
export function joined(seam: Seam, delivered: string, answer: string | readonly string[]): Joined {
  let text = delivered;
  for (const delta of typeof answer === 'string' ? deltasOf(answer, [1]) : answer) {
    const decision = seam.take(delta);
    if (decision.type === 'untrusted') return { text, end: 'untrusted' };
    if (decision.type === 'emit') text += decision.text;
  }
  return { text, end: seam.close() };
}

/** For a model that was given the text less its anchor. */
export function byAnchor(delivered: string): { readonly seam: Seam; readonly given: string; readonly anchor: string } {
  const at = anchorStart(delivered.trimEnd());
  return { seam: new Seam(delivered, at), given: delivered.slice(0, at), anchor: delivered.slice(at).trim() };
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
