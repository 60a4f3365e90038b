import type { Observable } from 'rxjs';
import { GenerationError } from '../../core/errors/generation-error.js';
import { estimateTokens } from '../../core/estimate.js';
import { opensToolCall } from '../../core/events.js';
import type { GenerationEnd, GenerationEvent } from '../../core/events.js';
import type { Handler, InterceptorDefinition } from '../../core/interceptor.js';
import type { GenerationRequest } from '../../core/request.js';
import type { ContinuitySettings } from '../../core/settings.js';
import { stateOf } from '../../core/state.js';
import { relay } from '../../core/util/relay.js';
import { countWords } from '../../core/words.js';
import { repeatedParagraph } from './repeated-paragraph.js';
import { continuedText, continueFrom } from './continuation-request.js';
import { limitsReached } from './limits-reached.js';

/**
 * Continues an answer that the token cap has cut, if `continuity.onLength` is `continue`. Each further segment is an inner
 * generation of its own, joined by `resume` further in, and costs no attempt. The end is handed over as it is (`length`)
 * when the text has the wanted length, when a segment added nothing or repeats a paragraph, and when splices or requests
 * have reached their limit.
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

/** The request for the next segment, and the end to fall back on if the model cannot continue. */
interface Following {
  readonly end: GenerationEnd;
  readonly request: GenerationRequest;
}

/** @param cut how the segment before it ended */
function segment(parts: Parts, request: GenerationRequest, cut?: GenerationEnd): Observable<GenerationEvent> {
  return parts.next(request).pipe(
    relay((subscriber) => {
      let following: Following | undefined;
      let hasToolCalls = false;
      const endAsCut = (end: GenerationEnd, objection: string): void => {
        const message = `The text was cut at its token cap and not continued: ${objection}`;
        subscriber.next({ type: 'warning', about: 'length-continuation', message });
        subscriber.next(end);
      };
      return {
        next: (event) => {
          hasToolCalls ||= opensToolCall(event);
          if (event.type !== 'generation-end' || event.finishReason.unified !== 'length') {
            subscriber.next(event);
            return;
          }
          const objection = hasToolCalls ? 'a tool call had begun.' : objectionTo(parts, request);
          if (objection === undefined) following = { end: event, request: continued(request, parts.settings) };
          else endAsCut(event, objection);
        },
        error: (error) => {
          if (cut === undefined || !GenerationError.is(error) || error.code !== 'cannot-continue') {
            subscriber.error(error);
            return;
          }
          endAsCut(cut, error.message);
          subscriber.complete();
        },
        complete: () => {
          if (following === undefined) subscriber.complete();
          else segment(parts, following.request, following.end).subscribe(subscriber);
        },
      };
    }),
  );
}

function continued(request: GenerationRequest, { instruction }: ContinuitySettings): GenerationRequest {
  const text = stateOf(request).text.join('');
  return continueFrom(request, { text, custom: instruction, reason: 'length', ask: 'natural' });
}

/** The reason against a further segment, if there is one. */
function objectionTo({ settings, maxRequests }: Parts, request: GenerationRequest): string | undefined {
  const state = stateOf(request);
  const text = state.text.join('');
  const before = continuedText(request);
  if (text === before) return 'the last segment added nothing.';
  if (settings.targetWords > 0 && countWords(text) >= settings.targetWords)
    return 'it has its words (continuity.targetWords).';
  if (settings.targetTokens > 0 && estimateTokens(text.length) >= settings.targetTokens)
    return 'it has its tokens (continuity.targetTokens).';
  const limit = limitsReached(state, { maxSegments: settings.maxSegments, maxRequests });
  if (limit !== undefined) return `${limit}.`;
  return text.startsWith(before) && repeatedParagraph(before, text.slice(before.length))
    ? 'it began to repeat itself.'
    : undefined;
}
