import { filter, map, Observable, Subscription } from 'rxjs';
import type { OperatorFunction } from 'rxjs';
import { InterruptedError } from '../core/errors/classes.js';
import type { GenerationEnd, GenerationEvent, TextDelta } from '../core/events.js';
import type { Logger } from '../core/ports.js';
import { stoppedBy } from '../core/util/stopped-by.js';
import type { GenerationInput } from '../input/generation-input.js';

export interface TextRules {
  /** The caller has set the token cap, so a text cut by it is what was asked for. */
  readonly isOwnCap: boolean;
  readonly logger: Logger;
}

/** The text of a generation, piece by piece. A string cannot say that it was cut, so one that is not whole fails at its end. */
export function wholeText(rules: TextRules): OperatorFunction<GenerationEvent, string> {
  return (source) =>
    new Observable((subscriber) => {
      const work = new Subscription();
      subscriber.add(work);
      let text = '';
      stoppedBy(work, source).subscribe({
        next: (event) => {
          if (event.type === 'text-delta') {
            text += event.delta;
            subscriber.next(event.delta);
          } else if (event.type === 'generation-end') {
            const cut = cutText(event, text, rules);
            if (cut === undefined) subscriber.complete();
            else subscriber.error(cut);
          }
        },
        error: (error) => subscriber.error(error),
      });
    });
}

/**
 * The error for a text that would pass for a whole one and is none: cut at the configured token cap, by a content filter,
 * or for a reason nobody can tell. At a cap that the caller set, the text is what was asked for; the log says so.
 */
export function cutText(
  end: Pick<GenerationEnd, 'finishReason' | 'usage' | 'attempts' | 'provider' | 'model'>,
  text: string,
  { isOwnCap, logger }: TextRules,
): InterruptedError | undefined {
  const {
    finishReason: { unified, raw },
    usage,
    attempts = [],
    provider,
    model,
  } = end;
  if (unified === 'stop') return undefined;
  if (unified === 'length' && isOwnCap) {
    logger.warn('the text was cut at the token cap that was asked for', { provider, model });
    return undefined;
  }
  const why =
    unified === 'length'
      ? 'it reached the configured token cap and could not be continued; raise defaults.maxTokens (OPENROUTER_MAX_TOKENS) or continuity.maxSegments, or pass maxTokens'
      : `the model stopped with "${raw ?? unified}"`;
  return new InterruptedError(`The text is not whole: ${why}.`, { provider, model }).withDetails({
    attempts,
    partial: { text, usage, toolCallsOpen: false },
  });
}

/** The text of a generation, piece by piece, and nothing else. */
export function onlyText(): OperatorFunction<GenerationEvent, string> {
  return (source) =>
    source.pipe(
      filter((event): event is TextDelta => event.type === 'text-delta'),
      map(({ delta }) => delta),
    );
}

/** The input where only text comes back: a string cannot say that the configured token cap has cut it, so it is continued. */
export function beyondTheCap(input: GenerationInput): GenerationInput {
  if (input.maxTokens !== undefined) return input;
  return {
    ...input,
    overrides: { ...input.overrides, continuity: { onLength: 'continue', ...input.overrides?.continuity } },
  };
}
