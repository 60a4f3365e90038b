import type { OperatorFunction } from 'rxjs';
import { GenerationError } from '../core/errors/generation-error.js';
import { isCommitPoint, isContent } from '../core/events.js';
import type { ContentEvent, GenerationEnd, GenerationEvent, RouteChosen } from '../core/events.js';
import type { RouteChoice } from '../core/routes.js';
import { sumCost } from '../core/usage.js';
import type { GenerationResult, Segment } from '../core/result.js';
import type { GenerationInput } from '../input/generation-input.js';
import { relay } from '../core/util/relay.js';

/** The input of the generation whose events are folded. Only `continueFrom` is read. */
export type CollectOptions = GenerationInput;

/**
 * Folds the events of one generation into its result, emitted at the end.
 * @param options the generation's input: with `continueFrom` the events have only the new text, the result has all of it
 * @throws GenerationError `invalid-input` if the events continue a given text, and `continueFrom` is missing
 * @example const result = await lastValueFrom(pipeline.stream(input).pipe(collect(input)));
 */
export function collect({ continueFrom = '' }: CollectOptions = {}): OperatorFunction<
  GenerationEvent,
  GenerationResult
> {
  return relay((subscriber, stop) => {
    const fold = new ResultFold(continueFrom);
    return {
      next: (event) => {
        if (continueFrom === '' && event.type === 'continuation' && event.reason === 'given') {
          stop();
          subscriber.error(
            new GenerationError('invalid-input', 'Pass the input to collect(): collect({ continueFrom }).'),
          );
          return;
        }
        fold.take(event);
        if (event.type === 'generation-end') subscriber.next(fold.result(event));
      },
    };
  });
}

interface OpenSegment {
  readonly texts: string[];
  /** Unknown until the end if no attempt announced itself, as from a cache. */
  readonly made?: Pick<Segment, 'provider' | 'model'>;
}

/** Content beside text. */
type Extra = Exclude<ContentEvent, { type: 'text-delta' }>;

class ResultFold {
  private segments: OpenSegment[] = [{ texts: [] }];
  private extras: Extra[] = [];
  /** How many of the extras belong to an attempt without its answer yet; they are void when the next attempt starts. */
  private pending = 0;
  /** Whether the attempt under way has its answer: text or a tool call. */
  private hasAnswer = false;
  private route: RouteChoice | undefined;

  /** @param given the text that the answer continues; empty if there is none */
  constructor(private given: string) {}

  take(event: GenerationEvent): void {
    switch (event.type) {
      case 'attempt-start':
        if (this.pending > 0) this.extras.length -= this.pending;
        this.pending = 0;
        this.hasAnswer = false;
        if (this.isEmpty) this.segments = [{ texts: [], made: event }];
        break;
      case 'route-chosen':
        this.route = choiceOf(event);
        break;
      case 'continuation':
        if (this.isEmpty) this.segments.length = 0;
        this.segments.push({ texts: [], made: event });
        break;
      case 'restart':
        this.given = '';
        this.restart({ texts: [] });
        break;
      case 'text-delta':
        this.segments.at(-1)?.texts.push(event.delta);
        break;
      default:
        if (!isContent(event)) return;
        this.extras.push(event);
        if (!this.hasAnswer) this.pending += 1;
    }
    if (!isCommitPoint(event)) return;
    this.pending = 0;
    this.hasAnswer = true;
  }

  result({ attempts = [], ...event }: GenerationEnd): GenerationResult {
    const { type, ...end } = event;
    const { extras, route, given } = this;
    const segments = this.segments.map(({ texts, made: { provider, model } = end }): Segment => ({
      text: texts.join(''),
      provider,
      model,
    }));
    const text = given + segments.map((segment) => segment.text).join('');
    const cost = sumCost(attempts.map(({ usage }) => usage));
    return {
      text,
      ...(given !== '' && { continuedFrom: given }),
      ...sorted(extras),
      ...end,
      cost,
      attempts,
      segments,
      ...(route && { route }),
    };
  }

  private get isEmpty(): boolean {
    return this.segments.every(({ texts }) => texts.length === 0);
  }

  private restart(first: OpenSegment): void {
    [this.segments, this.extras, this.pending, this.hasAnswer] = [[first], [], 0, false];
  }
}

function sorted(
  extras: readonly Extra[],
): Pick<GenerationResult, 'reasoning' | 'reasoningDetails' | 'toolCalls' | 'annotations' | 'images'> {
  const each = <R>(pick: (event: Extra) => readonly R[]): R[] => extras.flatMap(pick);
  return {
    reasoning: each((event) => (event.type === 'reasoning-delta' ? [event.delta] : [])).join(''),
    reasoningDetails: each((event) => (event.type === 'reasoning-details' ? event.details : [])),
    toolCalls: each((event) => (event.type === 'tool-call' ? [event] : [])),
    annotations: each((event) => (event.type === 'annotation' ? [event.annotation] : [])),
    images: each((event) => (event.type === 'image' ? [event.url] : [])),
  };
}

function choiceOf({ type: _type, ...choice }: RouteChosen): RouteChoice {
  return choice;
}
