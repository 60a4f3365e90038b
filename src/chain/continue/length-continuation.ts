import { Observable, Subscription } from 'rxjs';
import { GenerationError } from '../../core/errors/generation-error.js';
import { estimateTokens } from '../../core/estimate.js';
import { WARNING } from '../../core/events.js';
import type { GenerationEnd, GenerationEvent } from '../../core/events.js';
import type { Handler, InterceptorDefinition } from '../../core/interceptor.js';
import type { GenerationRequest } from '../../core/request.js';
import type { ContinuitySettings } from '../../core/settings.js';
import { stoppedBy } from '../../core/util/stopped-by.js';
import { repeatedParagraph } from './repeated-paragraph.js';
import { continuedText, continueFrom } from './continuation-request.js';
import { limitsReached } from './limits-reached.js';

/**
 * Goes on where the token cap has cut an answer, if `continuity.onLength` is `continue`: each further segment is an inner
 * generation of its own, joined by `resume` further in, and costs no attempt. The end is handed over as it is (`length`)
 * when the text is as long as was wanted, when a segment added nothing or begins to repeat a paragraph, and when splices
 * or requests are used up.
 */
export function lengthContinuation(continuity: ContinuitySettings, maxRequests: number): InterceptorDefinition {
  return {
    name: 'length-continuation',
    phase: 'continue',
    intercept: (request, next) => {
      const settings = { ...continuity, ...request.overrides.continuity };
      return settings.onLength === 'stop' ? next(request) : segment({ settings, maxRequests, next }, request);
    },
  };
}

interface Parts {
  readonly settings: ContinuitySettings;
  readonly maxRequests: number;
  readonly next: Handler;
}

/** An answer that the cap has cut, and the request that goes on with it. */
interface Cut {
  readonly end: GenerationEnd;
  readonly request: GenerationRequest;
}

/** @param cut how the segment before it ended */
function segment(parts: Parts, request: GenerationRequest, cut?: GenerationEnd): Observable<GenerationEvent> {
  return new Observable((subscriber) => {
    const work = new Subscription();
    subscriber.add(work);
    let following: Cut | undefined;
    let hasToolCalls = false;
    const settle = (end: GenerationEnd, objection: string): void => {
      subscriber.next({
        type: 'custom',
        name: WARNING,
        payload: `The text was cut at its token cap and not continued: ${objection}`,
      });
      subscriber.next(end);
    };
    stoppedBy(work, parts.next(request)).subscribe({
      next: (event) => {
        hasToolCalls ||=
          event.type === 'tool-call' || (event.type === 'response-metadata' && event.toolCallsOpen === true);
        if (event.type !== 'generation-end' || event.finishReason.unified !== 'length') {
          subscriber.next(event);
          return;
        }
        const text = request.state.text.join('');
        const objection = hasToolCalls ? 'a tool call had begun.' : objectionTo(parts, request, text);
        if (objection !== undefined) settle(event, objection);
        else
          following = {
            end: event,
            request: continueFrom(request, {
              text,
              custom: parts.settings.instruction,
              reason: 'length',
              byInstruction: false,
            }),
          };
      },
      error: (error: unknown) => {
        // The model cannot go on with it: then it stays as it was cut.
        if (cut === undefined || !GenerationError.is(error) || error.code !== 'cannot-continue') {
          subscriber.error(error);
          return;
        }
        settle(cut, error.message);
        subscriber.complete();
      },
      complete: () => {
        if (following === undefined) subscriber.complete();
        else segment(parts, following.request, following.end).subscribe(subscriber);
      },
    });
  });
}

/** Why there should be no further segment, if there is a reason. */
function objectionTo({ settings, maxRequests }: Parts, request: GenerationRequest, text: string): string | undefined {
  const { state } = request;
  const before = continuedText(request);
  if (text === before) return 'the last segment added nothing.';
  if (settings.targetWords > 0 && wordsIn(text) >= settings.targetWords)
    return 'it has its words (continuity.targetWords).';
  if (settings.targetTokens > 0 && estimateTokens(text.length) >= settings.targetTokens)
    return 'it has its tokens (continuity.targetTokens).';
  const limit = limitsReached(state, { maxSegments: settings.maxSegments, maxRequests });
  if (limit !== undefined) return `${limit}.`;
  return text.startsWith(before) && repeatedParagraph(before, text.slice(before.length))
    ? 'it began to repeat itself.'
    : undefined;
}

function wordsIn(text: string): number {
  return text.split(/\s+/u).filter((word) => word !== '').length;
}
