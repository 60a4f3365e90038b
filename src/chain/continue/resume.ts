import { Observable } from 'rxjs';
import type { InterceptorDefinition } from '../../core/interceptor.js';
import type { GenerationRequest } from '../../core/request.js';
import type { ResumeCall, ResumeParts } from './resume-parts.js';
import { ResumeRun } from './resume-run.js';

/**
 * Continues a text that breaks off after its first word: asks for the rest, through all the protection further in, joins
 * it to the character, and reports the splice with `continuation`. If the answer cannot be joined with certainty, the
 * generation restarts (`restart`) as long as its text has not been used, and otherwise ends as `InterruptedError`. Before
 * the first word it does nothing: `retry` and `fallback` act there. A text given with `continueFrom` is the first segment.
 * @see docs/continuity.md
 */
export function resume(parts: ResumeParts): InterceptorDefinition {
  return {
    name: 'resume',
    phase: 'continue',
    onBreak: parts.continuity.onBreak,
    intercept: (request, next) =>
      new Observable((subscriber) => {
        const { continuity, retry } = request.overrides;
        const settings = {
          ...parts,
          continuity: { ...parts.continuity, ...continuity },
          retry: { ...parts.retry, ...retry },
        };
        new ResumeRun(settings, { next, subscriber, ...withoutGiven(request) }).start();
      }),
  };
}

/** Further in, a given text is a continuation like any other. */
function withoutGiven(request: GenerationRequest): Pick<ResumeCall, 'request' | 'given'> {
  if (request.continueFrom === undefined) return { request, given: undefined };
  const { continueFrom: given, ...own } = request;
  return { request: own, given };
}
