import type { OperatorFunction } from 'rxjs';
import { GenerationError } from '../core/errors/generation-error.js';
import type { ContentEvent, GenerationEnd, GenerationEvent, RouteChosen } from '../core/events.js';
import type { RouteChoice } from '../core/routes.js';
import { StandingContent } from '../core/standing-content.js';
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
  /** The place of its first content. */
  readonly from: number;
  /** Unknown until the end if no attempt announced itself, as from a cache. */
  readonly made?: Pick<Segment, 'provider' | 'model'>;
}

class ResultFold {
  private readonly content = new StandingContent();
  private segments: readonly OpenSegment[] = [{ from: 0 }];
  private hasText = false;
  private route: RouteChoice | undefined;

  /** @param given the text that the answer continues; empty if there is none */
  constructor(private given: string) {}

  take(event: GenerationEvent): void {
    const { content } = this;
    content.take(event);
    const from = content.events.length;
    switch (event.type) {
      case 'text-delta':
        this.hasText = true;
        break;
      case 'attempt-start':
        // What was void may have lain before a segment without text.
        if (this.hasText) this.segments = this.segments.map((open) => (open.from > from ? { ...open, from } : open));
        else this.segments = [{ from: 0, made: event }];
        break;
      case 'route-chosen':
        this.route = choiceOf(event);
        break;
      case 'continuation':
        this.segments = this.hasText ? [...this.segments, { from, made: event }] : [{ from: 0, made: event }];
        break;
      case 'restart':
        this.given = '';
        this.segments = [{ from: 0 }];
        this.hasText = false;
        break;
      default:
    }
  }

  result({ attempts = [], ...event }: GenerationEnd): GenerationResult {
    const { type, ...end } = event;
    const { route, given } = this;
    const { events } = this.content;
    const segments = this.segments.map(({ from, made: { provider, model } = end }, index): Segment => ({
      text: textOf(events.slice(from, this.segments[index + 1]?.from)),
      provider,
      model,
    }));
    const text = given + segments.map((segment) => segment.text).join('');
    const cost = sumCost(attempts.map(({ usage }) => usage));
    return {
      text,
      ...(given !== '' && { continuedFrom: given }),
      ...extrasIn(events),
      ...end,
      cost,
      attempts,
      segments,
      ...(route && { route }),
    };
  }
}

function textOf(events: readonly ContentEvent[]): string {
  return events.map((event) => (event.type === 'text-delta' ? event.delta : '')).join('');
}

/** The content beside text. */
function extrasIn(
  events: readonly ContentEvent[],
): Pick<GenerationResult, 'reasoning' | 'reasoningDetails' | 'toolCalls' | 'annotations' | 'images'> {
  const extras = events.filter((event) => event.type !== 'text-delta');
  const each = <R>(pick: (event: ContentEvent) => readonly R[]): R[] => extras.flatMap(pick);
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
