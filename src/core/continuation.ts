import { contextKey } from './context.js';
import { GenerationError } from './errors/generation-error.js';
import type { Content, Message } from './message.js';
import type { ContinuationRequest, GenerationRequest } from './request.js';

/**
 * What a model does with a text that it is to go on from. `exact`: it goes on at the very next character of an
 * assistant's last message (native prefill). `instructed`: it can be told to. `none`: neither.
 */
export type Prefill = 'exact' | 'instructed' | 'none';

/**
 * The messages of a request that goes on from a text, for a model of this kind; those of any other as they are. White
 * space at the end of a prefill is taken off, since vendors refuse it.
 * @throws GenerationError `cannot-continue`
 */
export function continuedMessages(
  { messages, continuation, provider, model }: GenerationRequest,
  prefill: Prefill,
): readonly Message[] {
  if (continuation === undefined) return messages;
  if (prefill === 'none')
    throw new GenerationError('cannot-continue', `"${provider}" cannot go on from a text with ${model}.`, {
      provider,
      model,
    });
  const { text, anchor, instruction } = continuation;
  const isInstructed = isAnchored(continuation, prefill);
  const given = isInstructed ? text : (text + anchor).trimEnd();
  if (given.trim() === '') return messages;
  const last = messages.at(-1);
  const begun: readonly Message[] =
    last?.role === 'assistant'
      ? [...messages.slice(0, -1), { ...last, content: withText(last.content, given) }]
      : [...messages, { role: 'assistant', content: given }];
  return isInstructed ? [...begun, { role: 'user', content: instruction }] : begun;
}

function withText(content: Content, text: string): Content {
  return typeof content === 'string' ? content + text : [...content, { type: 'text', text }];
}

/** Whether the model has to bring the anchor back. */
export function isAnchored({ byInstruction }: ContinuationRequest, prefill: Prefill): boolean {
  return byInstruction || prefill === 'instructed';
}

/** Who may begin a generation again after text has been delivered: `always` where nobody has used the text yet, `never` where it cannot be taken back. */
export const MAY_RESTART = contextKey<'always' | 'if-configured' | 'never'>('may-restart', 'if-configured');

/** By provider and model, what has been tried in vain since the text last grew: it counts against `retry.maxAttempts`. */
export const ATTEMPTS_WITHOUT_PROGRESS = contextKey<ReadonlyMap<string, WithoutProgress>>(
  'attemptsWithoutProgress',
  new Map(),
);

export interface WithoutProgress {
  readonly attempts: number;
  /** The one that costs nothing, where a request never reached the server. */
  readonly isFreeRetryUsed: boolean;
  /** The last one's. */
  readonly failure: GenerationError;
}

/** The name of a route in what is kept by route. */
export function routeOf({ provider, model }: { readonly provider: string; readonly model: string }): string {
  return `${provider}/${model}`;
}
