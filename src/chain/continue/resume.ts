import { Observable } from 'rxjs';
import type { InterceptorDefinition } from '../../core/interceptor.js';
import { ResumeRun } from './resume-run.js';
import type { ResumeParts } from './resume-run.js';

/**
 * Continues a text that breaks off after its first word: asks for the rest, through all the protection further in, joins
 * it to the character, and reports the splice with `continuation`. If the answer cannot be joined with certainty, the
 * generation restarts (`restart`) as long as its text has not been used, and otherwise ends as `InterruptedError`. Before
 * the first word it does nothing: `retry` and `fallback` act there.
 * @see docs/continuity.md
 */
export function resume(parts: ResumeParts): InterceptorDefinition {
  return {
    name: 'resume',
    phase: 'continue',
    intercept: (request, next) =>
      new Observable((subscriber) => {
        const { continuity, retry } = request.overrides;
        const settings = {
          ...parts,
          continuity: { ...parts.continuity, ...continuity },
          retry: { ...parts.retry, ...retry },
        };
        new ResumeRun(settings, { request, next, subscriber }).ask(request);
      }),
  };
}
