import type { MonoTypeOperatorFunction, OperatorFunction } from 'rxjs';
import { InterruptedError } from '../core/errors/classes.js';
import { isWholeEnd } from '../core/events.js';
import type { GenerationEnd, GenerationEvent } from '../core/events.js';
import type { Logger } from '../core/ports.js';
import { UNMEASURED } from '../core/usage.js';
import { relay } from '../core/util/relay.js';
import type { GenerationInput } from '../input/generation-input.js';

export interface TextRules {
  /** The caller has set the token cap, so a text cut by it is what was asked for. */
  readonly isOwnCap: boolean;
  /** The text that the generation continues. */
  readonly before?: string;
  readonly logger: Logger;
}

/** The text of a generation, piece by piece. A string cannot say that it was cut, so an incomplete text fails at its end. */
export function wholeText(rules: TextRules): OperatorFunction<GenerationEvent, string> {
  return relay((subscriber) => {
    let text = rules.before ?? '';
    return {
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
    };
  });
}

/**
 * Returns the error for a text that must not pass for a whole one: cut at the configured token cap, by a content filter,
 * or by calls of tools. A text cut at the caller's own cap is what was asked for; the log notes it.
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
  if (isWholeEnd(unified)) return undefined;
  if (unified === 'length' && isOwnCap) {
    logger.warn('the text was cut at the token cap that was asked for', { provider, model });
    return undefined;
  }
  const why =
    unified === 'length'
      ? 'it reached the configured token cap and could not be continued; raise defaults.maxTokens or continuity.maxSegments, or pass maxTokens'
      : `the model stopped with "${raw ?? unified}"`;
  return new InterruptedError(`The text is not whole: ${why}.`, { provider, model }).withDetails({
    attempts,
    partial: { text, usage, toolCallsOpen: false },
  });
}

/**
 * The text of a stream of events, piece by piece, and nothing else. Pieces that were passed on cannot be taken back, so a
 * restart fails it; fold the events with `collect(input)` where the generation may restart.
 * @throws InterruptedError at a `restart`; `partial` has the text before it
 * @example
 * pipeline.stream({ prompt: 'Write a page.' }).pipe(onlyText()).subscribe((piece) => process.stdout.write(piece));
 */
export function onlyText(): OperatorFunction<GenerationEvent, string> {
  return relay((subscriber, stop) => {
    let text = '';
    return {
      next: (event) => {
        if (event.type === 'text-delta') {
          text += event.delta;
          subscriber.next(event.delta);
        } else if (event.type === 'restart') {
          stop();
          subscriber.error(takenBack().withDetails({ partial: { text, usage: UNMEASURED, toolCallsOpen: false } }));
        }
      },
    };
  });
}

/**
 * Fails a generation whose text is handed over piece by piece at a `restart`, as one of an interceptor, so that its stat
 * says so too. Before the first piece there is nothing to take back.
 */
export function neverRestarted(given = ''): MonoTypeOperatorFunction<GenerationEvent> {
  return relay((subscriber, stop) => {
    let hasText = given !== '';
    return {
      next: (event) => {
        if (event.type === 'text-delta') hasText = true;
        else if (event.type === 'restart' && hasText) {
          stop();
          subscriber.error(takenBack());
          return;
        }
        subscriber.next(event);
      },
    };
  });
}

function takenBack(): InterruptedError {
  const message =
    'The text was begun anew after pieces of it had been passed on. Fold the events with collect(input), which drops what is void.';
  return new InterruptedError(message, {});
}

/** Makes an answer continue beyond the configured token cap, for callers who get text alone: a string cannot say that it was cut. */
export function beyondTheCap(input: GenerationInput): GenerationInput {
  if (input.maxTokens !== undefined) return input;
  return {
    ...input,
    overrides: { ...input.overrides, continuity: { onLength: 'continue', ...input.overrides?.continuity } },
  };
}
