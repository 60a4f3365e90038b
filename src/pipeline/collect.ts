import { Observable } from 'rxjs';
import type { OperatorFunction } from 'rxjs';
import { isCommitPoint, isContent } from '../core/events.js';
import type { ContentEvent, GenerationEnd, GenerationEvent } from '../core/events.js';
import { ROUTE_CHOSEN } from '../core/routes.js';
import type { RouteChoice } from '../core/routes.js';
import { sumCost } from '../core/usage.js';
import type { GenerationResult, Segment } from '../core/result.js';

/** Folds the events of one generation into its result, emitted at the end. */
export function collect(): OperatorFunction<GenerationEvent, GenerationResult> {
  return (source) =>
    new Observable((subscriber) => {
      const fold = newFold();
      return source.subscribe({
        next: (event) => {
          fold.take(event);
          if (event.type === 'generation-end') subscriber.next(fold.result(event));
        },
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}

interface OpenSegment {
  readonly texts: string[];
  /** Unknown until the end where no attempt has announced itself, as from a cache. */
  readonly made?: Pick<Segment, 'provider' | 'model'>;
}

/** What is not text. */
type Extra = Exclude<ContentEvent, { type: 'text-delta' }>;

function newFold() {
  let segments: OpenSegment[] = [{ texts: [] }];
  let extras: Extra[] = [];
  /** Of these, the ones of an attempt that has not brought its answer yet: void when another one begins. */
  let pending = 0;
  let route: RouteChoice | undefined;
  const startOver = (first: OpenSegment): void => {
    [segments, extras, pending] = [[first], [], 0];
  };

  const take = (event: GenerationEvent): void => {
    route = routeIn(event) ?? route;
    switch (event.type) {
      case 'attempt-start':
        if (pending > 0) extras.length -= pending;
        pending = 0;
        if (segments.every(({ texts }) => texts.length === 0)) startOver({ texts: [], made: event });
        break;
      case 'continuation':
        segments.push({ texts: [], made: event });
        break;
      case 'restart':
        startOver({ texts: [] });
        break;
      case 'text-delta':
        segments.at(-1)?.texts.push(event.delta);
        break;
      default:
        if (!isContent(event)) return;
        extras.push(event);
        pending += 1;
    }
    if (isCommitPoint(event)) pending = 0;
  };
  const result = ({ attempts = [], ...event }: GenerationEnd): GenerationResult => {
    const { type, ...end } = event;
    const whole = segments.map(({ texts, made: { provider, model } = end }): Segment => ({
      text: texts.join(''),
      provider,
      model,
    }));
    const cost = sumCost(attempts.map(({ usage }) => usage));
    return {
      text: whole.map(({ text }) => text).join(''),
      ...sorted(extras),
      ...end,
      cost,
      attempts,
      segments: whole,
      ...(route && { route }),
    };
  };
  return { take, result };
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

function routeIn(event: GenerationEvent): RouteChoice | undefined {
  return event.type === 'custom' && event.name === ROUTE_CHOSEN ? (event.payload as RouteChoice) : undefined;
}
