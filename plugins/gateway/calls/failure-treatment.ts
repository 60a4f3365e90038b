import { GenerationError } from 'scriptorium';
import type { ErrorCode, GenerationInput } from 'scriptorium/plugin';

/**
 * The answer to a request whose generation has failed: the rest of the text, the same failure again, or a new
 * generation.
 */
export type Treatment =
  { readonly type: 'continue'; readonly text: string } | { readonly type: 'repeat' } | { readonly type: 'anew' };

/** Failures that lie outside the request, and may be over when it comes again. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'timeout',
  'quota',
  'budget',
  'payment-required',
  'unavailable',
  'circuit-open',
  'buffer-limit',
]);

/** Failures of a request to continue that a fresh request may not have. */
const OF_CONTINUING: ReadonlySet<ErrorCode> = new Set([
  'bad-request',
  'cannot-continue',
  'content-filter',
  'context-length',
  'invalid-input',
]);

/** The configured way with broken texts, where a request does not say. */
export type OnBreak = 'resume' | 'restart' | 'fail';

/** Decides how a request is answered that comes again after its generation has failed. */
export function treatmentOf(error: GenerationError, input: GenerationInput, configured: OnBreak): Treatment {
  const { continueFrom = '' } = input;
  if (error.code === 'aborted') return { type: 'anew' };
  const text = error.partial?.text ?? continueFrom;
  const hasGrown = text.length > continueFrom.length;
  if (text !== '' && mayContinue(error, input, configured) && (hasGrown || !isOfContinuing(error))) {
    if (isPassing(error) || (hasGrown && error.code === 'interrupted') || continueFrom !== '')
      return { type: 'continue', text };
  }
  // A failure of a continuation says little about the request itself.
  return isPassing(error) || continueFrom !== '' ? { type: 'anew' } : { type: 'repeat' };
}

function mayContinue(
  { partial }: GenerationError,
  { tools, responseFormat, overrides, providerOptions = {} }: GenerationInput,
  configured: OnBreak,
): boolean {
  if (partial?.toolCallsOpen === true || (tools?.length ?? 0) > 0) return false;
  if (responseFormat !== undefined && responseFormat.type !== 'text') return false;
  if ((overrides?.continuity?.onBreak ?? configured) === 'fail') return false;
  // Tools and formats that only the vendor knows.
  return !Object.values(providerOptions).some(isShaped);
}

function isShaped(fields: object): boolean {
  return ['tools', 'functions', 'response_format'].some((name) => name in fields);
}

/** Whether the request to continue may have caused the failure; an answer that cannot be joined has no cause. */
function isOfContinuing(error: GenerationError): boolean {
  const cause = causeOf(error);
  return OF_CONTINUING.has(cause.code) || (cause.code === 'interrupted' && !cause.retryable);
}

function isPassing(error: GenerationError): boolean {
  const cause = causeOf(error);
  return error.retryable || cause.retryable || PASSING.has(cause.code);
}

/** The failure at the bottom of an error that several attempts have led to. */
function causeOf(error: GenerationError): GenerationError {
  const isStory = error.code === 'interrupted' || error.code === 'retry-exhausted';
  return isStory && GenerationError.is(error.cause) ? causeOf(error.cause) : error;
}
