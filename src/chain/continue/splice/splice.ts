/** Why an answer is not joined. */
export type Doubt =
  /** It has no visible character. */
  | 'nothing'
  /** It does not continue the text. */
  | 'differs'
  /** It repeats delivered text in a way that leaves open where the new text begins. */
  | 'repeats'
  /** It may have quoted the last words instead of continuing from them. */
  | 'unproven';

/** The decision on the characters just taken. */
export type SpliceDecision =
  /** Undecided: hold these characters and the ones before them. */
  | { readonly type: 'hold' }
  /** `text` is new, and so are all characters that follow. */
  | { readonly type: 'emit'; readonly text: string }
  /** Nothing of the answer is used. */
  | { readonly type: 'untrusted'; readonly doubt: Doubt };

/** The result of an answer that ended before the decision. */
export type SpliceEnd =
  /** `text` is new. */
  | { readonly type: 'joined'; readonly text: string }
  /** The answer has exactly the end of the delivered text, and at most white space (`text`) behind it. */
  | { readonly type: 'whole'; readonly text: string }
  | { readonly type: 'untrusted'; readonly doubt: Doubt };

/**
 * Joins the answer to a continuation request to the delivered text. It takes the answer until it has decided; what it
 * holds until then is bounded, and each character is compared at a bounded number of positions.
 * @see docs/continuity.md
 */
export interface Splice {
  /** Takes the next characters of the answer. Not to be called after a decision. */
  take(characters: string): SpliceDecision;
  /** Returns the result when the answer has ended normally before a decision. */
  close(): SpliceEnd;
}

export const HOLD: SpliceDecision = { type: 'hold' };
