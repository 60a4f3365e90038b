import { describe, expect, it } from '@jest/globals';
import { firstValueFrom, map, of } from 'rxjs';
import type { Observable } from 'rxjs';
import { contextKey, RequestContext } from 'scriptorium';
import type {
  GenerationEvent,
  GenerationInput,
  GenerationRequest,
  GenerationResult,
  Handler,
  Interceptor,
  InterceptorDefinition,
  Stat,
} from 'scriptorium';
import { aRequest } from '../../src/testing/request-builder.js';
import { anEnd, CUSTOM, TEXT, TOOL_CALL } from '../chain/chain.js';

describe('a request', () => {
  it('is changed by copying: every field of it is read-only', () => {
    const request: GenerationRequest = Object.freeze(aRequest());
    const change = (): void => {
      // @ts-expect-error a request is read-only
      request.model = 'b-model';
    };
    expect(change).toThrow(TypeError);
    const push = (): void => {
      // @ts-expect-error the list of messages is read-only
      request.messages[1] = { role: 'user', content: 'more' };
    };
    const rewrite = (): void => {
      // @ts-expect-error and so is each message
      request.messages[0]!.content = 'other';
    };
    const label = (): void => {
      // @ts-expect-error labels are read-only
      request.labels['book'] = 'ada';
    };
    expect([push, rewrite, label].every((each) => typeof each === 'function')).toBe(true);
    expect({ ...request, model: 'b-model' }.model).toBe('b-model');
  });

  it('has a provider, a model and messages, which no interceptor needs to doubt', () => {
    const { provider, model, messages }: { provider: string; model: string; messages: readonly unknown[] } = aRequest();
    // @ts-expect-error maxTokens may be missing
    const most: number = aRequest().maxTokens;
    expect([provider, model, messages.length, most]).toEqual(['fake', 'a-model', 1, undefined]);
  });
});

// @ts-expect-error the state of a generation is not part of the contract
export type { GenerationState } from 'scriptorium';
// @ts-expect-error and neither is that of its attempt
export type { CurrentAttempt } from 'scriptorium/plugin';

describe('the state of a generation', () => {
  it('is not on the public request, and not needed to build one', () => {
    // @ts-expect-error the built-in interceptors share the state; a request does not show it
    expect(aRequest().state).toBeUndefined();
    // @ts-expect-error nor can a test set it
    aRequest({ state: {} });
    const { id, provider, model, messages, wire, providerOptions, headers, labels, overrides, context } = aRequest();
    const built: GenerationRequest = {
      ...{ id, provider, model, messages, wire, providerOptions, headers, labels, overrides, context },
    };
    expect(Object.keys(built)).not.toContain('state');
  });
});

describe('the input of a generation', () => {
  it('has only fields that there are', () => {
    const inputs: GenerationInput[] = [
      { prompt: 'Begin.', system: 'Be brief.', temperature: 0, labels: { book: 'ada' } },
      { messages: [{ role: 'user', content: 'Begin.' }] },
      // @ts-expect-error misspelt, with no such field
      { prompt: 'Begin.', temprature: 0 },
      // @ts-expect-error the vendor's name for maxTokens
      { prompt: 'Begin.', max_tokens: 5 },
      // @ts-expect-error no such role
      { messages: [{ role: 'tool', content: 'Begin.' }] },
      // @ts-expect-error it is a number
      { prompt: 'Begin.', maxTokens: '5' },
      {
        prompt: 'Begin.',
        model: undefined,
        reasoning: { effort: undefined },
        overrides: { retry: { baseMs: undefined }, timeouts: undefined },
      },
      // @ts-expect-error undefined counts as left out, null does not
      { prompt: 'Begin.', model: null },
      // @ts-expect-error no such wire
      { prompt: 'Begin.', wire: 'grpc' },
      // @ts-expect-error misspelt in the overrides
      { prompt: 'Begin.', overrides: { retry: { maxAttempt: 1 } } },
    ];
    expect(inputs).toHaveLength(10);
  });
});

/** What an observer makes of each kind; the compiler insists on every one. */
function describeEvent(event: GenerationEvent): string {
  switch (event.type) {
    case 'attempt-start':
      return `${event.attempt} at ${event.provider}`;
    case 'response-metadata':
      return event.responseId ?? '';
    case 'retry-scheduled':
      return `${event.delayMs} for ${event.reason}`;
    case 'waiting':
      return `for ${event.for}`;
    case 'warning':
      return event.message;
    case 'route-chosen':
      return event.reason;
    case 'custom':
      return event.name;
    case 'text-delta':
      return event.delta;
    case 'reasoning-delta':
      return `${event.attempt}: ${event.delta}`;
    case 'reasoning-details':
      return `${event.details.length} details`;
    case 'annotation':
      return String(event.annotation.type);
    case 'image':
      return event.url;
    case 'tool-call':
      return `${event.name}(${event.arguments})`;
    case 'continuation':
      return `${event.segment}`;
    case 'restart':
      return event.reason;
    case 'generation-end':
      return `${event.finishReason.unified}, ${event.usage.outputTokens}`;
    default:
      return event satisfies never;
  }
}

describe('an event', () => {
  const anyEvent = (): GenerationEvent => Object.freeze({ type: 'text-delta', delta: 'a' });
  it('is narrowed by its type, to the last one', () => {
    expect([TEXT, TOOL_CALL, CUSTOM, anEnd()].map(describeEvent)).toEqual([
      'Call me Ishmael. ',
      'look({})',
      'test/mark',
      'stop, 5',
    ]);
  });

  it('has no field of another kind, and none can be changed', () => {
    const event: GenerationEvent = anyEvent();
    // @ts-expect-error not every event has a delta
    expect(event.delta).toBe('a');
    expect(() => {
      // @ts-expect-error events are read-only
      if (event.type === 'text-delta') event.delta = 'b';
    }).toThrow(TypeError);
  });

  it("of an interceptor's own has a name with an owner", () => {
    const events: GenerationEvent[] = [
      { type: 'custom', name: 'mine/mark', payload: 1 },
      // @ts-expect-error a name without its owner
      { type: 'custom', name: 'mark', payload: 1 },
      // @ts-expect-error no such kind
      { type: 'text', delta: 'a' },
    ];
    expect(events.map(({ type }) => type)).toEqual(['custom', 'custom', 'text']);
  });
});

describe('an interceptor', () => {
  const shout: Interceptor = (request, next) =>
    next(request).pipe(
      map((event) => (event.type === 'text-delta' ? { ...event, delta: event.delta.toUpperCase() } : event)),
    );

  it('takes a request and what comes next, and gives a stream of events', () => {
    const texts: string[] = [];
    const answer: Handler = () => of(TEXT, anEnd());
    shout(aRequest(), answer).subscribe((event) => event.type === 'text-delta' && texts.push(event.delta));
    expect(texts).toEqual(['CALL ME ISHMAEL. ']);
  });

  it('is nothing else', () => {
    const wrong: Interceptor[] = [
      // @ts-expect-error a promise is no stream
      async (request, next) => await firstValueFrom(next(request)),
      // @ts-expect-error texts are no events
      (request, next): Observable<string> => next(request).pipe(map(() => 'text')),
      // @ts-expect-error next takes the request
      (_request, next) => next(),
      // @ts-expect-error a request must stay whole
      (request, next) => next({ model: request.model }),
    ];
    const definitions: InterceptorDefinition[] = [
      { name: 'shout', phase: 'continue', intercept: shout },
      // @ts-expect-error no such phase
      { name: 'shout', phase: 'retry', intercept: shout },
      // @ts-expect-error it must have a name
      { phase: 'continue', intercept: shout },
    ];
    expect([wrong.length, definitions.length]).toEqual([4, 3]);
  });
});

describe('the context of a request', () => {
  it('gives the type of its key', () => {
    const DEPTH = contextKey('depth', 0);
    const context = RequestContext.empty.with(DEPTH, 2);
    const depth: number = context.get(DEPTH);
    // @ts-expect-error a number is no text
    const text: string = context.get(DEPTH);
    // @ts-expect-error nor a text a number
    const wrong = context.with(DEPTH, '3').get(DEPTH);
    expect([depth, text, wrong]).toEqual([2, 2, '3']);
  });
});

describe('results and stats', () => {
  it('are read-only, and a stat is told apart by its type', () => {
    const attemptsOf = (stat: Stat): number => (stat.type === 'generation-end' ? stat.attempts : stat.attempt);
    const result = Object.freeze({ text: 'a' }) as GenerationResult;
    expect(() => {
      // @ts-expect-error a result is read-only
      result.text = 'b';
    }).toThrow(TypeError);
    // @ts-expect-error an attempt's stat has no count of attempts
    const count = (stat: Stat): unknown => stat.attempts;
    expect([
      count({ type: 'generation-end', attempts: 3 } as Stat),
      attemptsOf({ type: 'attempt-end', attempt: 2 } as Stat),
    ]).toEqual([3, 2]);
  });
});
