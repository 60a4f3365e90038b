import { Observable } from 'rxjs';
import type { OperatorFunction } from 'rxjs';
import type { GenerationEnd, GenerationEvent, ToolCall } from '../core/events.js';
import { sumCost } from '../core/usage.js';
import type { GenerationResult, Segment } from './result.js';

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

function newFold() {
  let segments: OpenSegment[] = [{ texts: [] }];
  let [reasoning, thoughts]: [string[], string[]] = [[], []]; // of the attempts that brought an answer, and of the one that may still do so
  let toolCalls: ToolCall[] = [];
  const startOver = (first: OpenSegment): void => void ([segments, reasoning, toolCalls] = [[first], [], []]);
  const commit = (): void => {
    if (thoughts.length === 0) return;
    reasoning = reasoning.concat(thoughts);
    thoughts = [];
  };

  const take = (event: GenerationEvent): void => {
    switch (event.type) {
      case 'attempt-start':
        // What an attempt brought before its first text is void when another one begins.
        thoughts = [];
        if (segments.every(({ texts }) => texts.length === 0)) startOver({ texts: [], made: event });
        break;
      case 'continuation': segments.push({ texts: [], made: event }); break;
      case 'restart': startOver({ texts: [] }); break;
      case 'text-delta':
        commit();
        segments.at(-1)?.texts.push(event.delta);
        break;
      case 'reasoning-delta': thoughts.push(event.delta); break;
      case 'tool-call':
        commit();
        toolCalls.push(event);
        break;
      case 'generation-end': commit(); break;
      default:
    }
  };
  const result = ({ attempts = [], ...event }: GenerationEnd): GenerationResult => {
    const { type, ...end } = event;
    const whole = segments.map(({ texts, made: { provider, model } = end }): Segment => ({ text: texts.join(''), provider, model }));
    const cost = sumCost(attempts.map(({ usage }) => usage));
    return { text: whole.map(({ text }) => text).join(''), reasoning: reasoning.join(''), toolCalls, ...end, cost, attempts, segments: whole };
  };
  return { take, result };
}
