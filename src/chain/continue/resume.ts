import { Observable } from 'rxjs';
import type { InterceptorDefinition } from '../../core/interceptor.js';
import { ResumeRun } from './resume-run.js';
import type { ResumeParts } from './resume-run.js';

/**
 * Keeps a text alive that breaks off after its first word: asks again for the rest, through all the protection further
 * in, joins it to the character, and tells the splice with `continuation`. Where the answer cannot be joined with
 * certainty, the generation begins again (`restart`) if nobody has used its text yet, and else ends as
 * `InterruptedError`. Before the first word it does nothing: that is `retry`'s and `fallback`'s.
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
