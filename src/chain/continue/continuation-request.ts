import type { ContextValue } from '../../core/context.js';
import { ATTEMPTS_WITHOUT_PROGRESS, isAnchored, MAY_RESTART } from '../../core/continuation.js';
import type { Prefill } from '../../core/continuation.js';
import { textIn } from '../../core/message.js';
import type { ContinuationRequest, GenerationRequest } from '../../core/request.js';
import type { ContinuitySettings } from '../../core/settings.js';
import { stateOf } from '../../core/state.js';
import { continuationInstruction } from './instruction.js';
import type { ContinuationAsk } from './continuation-asks.js';
import { anchorStart, firstWords, LONG_ANCHOR, SHORT_ANCHOR } from './splice/anchor.js';
import type { Splice } from './splice/splice.js';
import { spliceTo } from './splice/splice-to.js';

export interface ContinueFrom extends Pick<ContinuationRequest, 'reason'> {
  readonly text: string;
  readonly ask: ContinuationAsk;
  /** The user's wording of the instruction, `continuity.instruction`. */
  readonly custom: string | null;
}

/** Makes a request that continues a text. */
export function continueFrom(
  request: GenerationRequest,
  { text, custom, reason, ask }: ContinueFrom,
): GenerationRequest {
  const isLong = ask === 'longer' || ask === 'hidden';
  const at = anchorStart(text.trimEnd(), isLong ? LONG_ANCHOR : SHORT_ANCHOR);
  const anchor = text.slice(at);
  const words = anchor.trim();
  const prompt = request.messages
    .filter(({ role }) => role !== 'assistant')
    .map(({ content }) => textIn(content))
    .join('\n');
  const shown = ask === 'hidden' ? firstWords(words) : words;
  const instruction = continuationInstruction({ prompt, anchor: shown, custom });
  const byInstruction = ask !== 'natural';
  return { ...request, continuation: { text: text.slice(0, at), anchor, instruction, reason, byInstruction } };
}

export interface ContinueAfterBreak extends Omit<ContinueFrom, 'text'> {
  /** The model continues at the very next character. */
  readonly isNative: boolean;
  /** Text deltas since the last token cap: a lower bound of its tokens. */
  readonly deltas: number;
  readonly withoutProgress: ContextValue<typeof ATTEMPTS_WITHOUT_PROGRESS>;
}

/**
 * Makes the request for the rest of the text that the generation has delivered. A model that repeats the anchor needs room
 * for it; a native prefill has used a part of its token cap already.
 */
export function continueAfterBreak(
  request: GenerationRequest,
  { isNative, deltas, withoutProgress, ...continuation }: ContinueAfterBreak,
): GenerationRequest {
  const { context, maxTokens } = request;
  const state = stateOf(request);
  const text = state.text.join('');
  state.text.splice(0, Infinity, text);
  return {
    ...continueFrom(request, { text, ...continuation }),
    context: context.with(ATTEMPTS_WITHOUT_PROGRESS, withoutProgress),
    ...(maxTokens !== undefined && isNative && { maxTokens: Math.max(maxTokens - deltas, 1) }),
  };
}

/** The whole text that a request continues; empty for a fresh one. */
export function continuedText({ continuation, continueFrom: given = '' }: GenerationRequest): string {
  return continuation === undefined ? given : continuation.text + continuation.anchor;
}

/**
 * Whether a generation may restart when its text cannot be continued: as its caller says, else as configured. A text that
 * the caller gave is only dropped if that is configured.
 */
export function mayRestart(
  { context }: Pick<GenerationRequest, 'context'>,
  { onBreak }: ContinuitySettings,
  given: string | undefined,
): boolean {
  const allowed = context.get(MAY_RESTART);
  return allowed === 'if-configured' || (allowed === 'always' && given !== undefined)
    ? onBreak === 'restart'
    : allowed === 'always';
}

/** The answer that a splice is made for. */
export interface Answering {
  /** How the model that answers continues a given text. */
  readonly prefill: Prefill;
  readonly ask: ContinuationAsk;
}

/** The splice between the text that a request continues and an answer. */
export function spliceOf(continuation: ContinuationRequest, { prefill, ask }: Answering): Splice {
  return spliceTo({
    text: continuation.text + continuation.anchor,
    anchor: isAnchored(continuation, prefill) ? continuation.text.length : undefined,
    isHidden: ask === 'hidden',
  });
}
