import { AnchoredSplice } from './anchored-splice.js';
import { FreshSplice } from './fresh-splice.js';
import { NativeSplice } from './native-splice.js';
import type { Splice } from './splice.js';

/** The delivered text, and how much of it the model was given. */
export interface Delivered {
  readonly text: string;
  /** Start of the anchor, the words that the model has to repeat. Undefined if it was given the whole text. */
  readonly anchor?: number | undefined;
  /** Whether a part of the anchor was not shown to the model, so that only continuing can bring it. */
  readonly isHidden?: boolean;
}

/** Makes the splice for a model that was given this much of the delivered text. */
export function spliceTo({ text, anchor, isHidden = false }: Delivered): Splice {
  // A model that was given no visible character writes the text again from its start.
  if (text.slice(0, anchor).trim() === '') return new FreshSplice(text);
  return anchor === undefined ? new NativeSplice(text) : new AnchoredSplice({ text, anchor, isHidden });
}
