import { contextKey } from './context.js';
import { GenerationError } from './errors/generation-error.js';
import type { Content, Message } from './message.js';
import type { ContinuationRequest, GenerationRequest } from './request.js';

/**
 * The way in which a model can continue a text.
 *
 * - `exact`: it continues the assistant's last message at the very next character (native prefill).
 * - `instructed`: it follows an instruction to continue.
 * - `none`: it can do neither.
 */
export type Prefill = 'exact' | 'instructed' | 'none';

/**
 * Returns the messages of a request, with its continuation as a prefill or an instruction. Without a continuation they
 * are unchanged. White space at the end of a prefill is removed, since vendors refuse it.
 * @throws GenerationError `cannot-continue` if there is a continuation and `prefill` is `none`
 * @example
 * ```ts
 * const messages = continuedMessages(request, 'instructed');
 * const body = JSON.stringify({ model: request.model, messages });
 * ```
 * @see docs/write-a-provider.md and docs/continuity.md
 */
export function continuedMessages(
  { messages, continuation, provider, model }: GenerationRequest,
  prefill: Prefill,
): readonly Message[] {
  if (continuation === undefined) return messages;
  if (prefill === 'none')
    throw new GenerationError(
      'cannot-continue',
      `"${provider}" cannot continue a text with ${model}. Use a model that can.`,
      {
        provider,
        model,
      },
    );
  const { text, anchor, instruction } = continuation;
  const isInstructed = isAnchored(continuation, prefill);
  const prefix = isInstructed ? text : (text + anchor).trimEnd();
  if (prefix.trim() === '') return messages;
  const last = messages.at(-1);
  const prefilled: readonly Message[] =
    last?.role === 'assistant'
      ? [...messages.slice(0, -1), { ...last, content: withText(last.content, prefix) }]
      : [...messages, { role: 'assistant', content: prefix }];
  return isInstructed ? [...prefilled, { role: 'user', content: instruction }] : prefilled;
}

function withText(content: Content, text: string): Content {
  return typeof content === 'string' ? content + text : [...content, { type: 'text', text }];
}

/** Whether the model must repeat the anchor. */
export function isAnchored({ byInstruction }: ContinuationRequest, prefill: Prefill): boolean {
  return byInstruction || prefill === 'instructed';
}

/**
 * Whether a generation may restart after text has been delivered: `always` if the text has not been used yet, `never`
 * if it cannot be taken back.
 */
export const MAY_RESTART = contextKey<'always' | 'if-configured' | 'never'>('may-restart', 'if-configured');

/** Failed attempts since the text last grew, by provider and model. They count against `retry.maxAttempts`. */
export const ATTEMPTS_WITHOUT_PROGRESS = contextKey<ReadonlyMap<string, WithoutProgress>>(
  'attemptsWithoutProgress',
  new Map(),
);

/** The attempts of one route that added no text. */
export interface WithoutProgress {
  readonly attempts: number;
  /** Whether the free retry of a request that never reached the server has been used. */
  readonly isFreeRetryUsed: boolean;
  /** The failure of the last attempt. */
  readonly failure: GenerationError;
}
