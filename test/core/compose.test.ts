import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { catchError, concat, EMPTY, NEVER, Observable, of, tap } from 'rxjs';
import { arrange, compose } from '../../src/core/compose.js';
import { ConfigError } from '../../src/core/errors/classes.js';
import type { GenerationEvent } from '../../src/core/events.js';
import { PHASES } from '../../src/core/interceptor.js';
import type { Handler, Interceptor, InterceptorDefinition, Phase } from '../../src/core/interceptor.js';
import type { GenerationRequest } from '../../src/core/request.js';
import { stateOf } from '../../src/core/state.js';
import { aRequest } from '../../src/testing/request-builder.js';
import { anEnd, TEXT, watch } from '../chain/chain.js';
import { RUNS } from '../support/runs.js';

const pass: Interceptor = (request, next) => next(request);
const named = (name: string, phase: Phase = 'recover', after?: string): InterceptorDefinition => ({
  name,
  phase,
  intercept: pass,
  ...(after !== undefined && { after }),
});
const names = (definitions: readonly InterceptorDefinition[]): readonly string[] =>
  arrange(definitions).map(({ name }) => name);

describe('arrange', () => {
  it('puts every earlier phase around every later one, whatever the order of registration', () => {
    const backwards = [...PHASES].reverse().map((phase) => named(`in-${phase}`, phase));
    expect(names(backwards)).toEqual(PHASES.map((phase) => `in-${phase}`));
  });

  it('keeps the order of registration inside a phase', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PHASES), { maxLength: 12 }), (phases) => {
        const arranged = arrange(phases.map((phase, index) => named(String(index), phase)));
        const places = arranged.map(({ name, phase }) => [PHASES.indexOf(phase), Number(name)] as const);
        expect(places).toEqual([...places].sort(([a, i], [b, j]) => a - b || i - j));
        expect(arranged).toHaveLength(phases.length);
      }),
      RUNS,
    );
  });

  it('puts an interceptor with `after` right behind the named one, in a row if several name each other', () => {
    expect(
      names([named('third', 'recover', 'second'), named('first'), named('last'), named('second', 'recover', 'first')]),
    ).toEqual(['first', 'second', 'third', 'last']);
    expect(names([named('a'), named('b'), named('a1', 'recover', 'a'), named('a2', 'recover', 'a')])).toEqual([
      'a',
      'a1',
      'a2',
      'b',
    ]);
  });

  it.each([
    [
      'an unknown phase',
      [named('x', 'retry' as Phase)],
      /"x" has the unknown phase "retry". Use one of: observe, prepare/,
    ],
    [
      'an `after` that nobody bears',
      [named('x', 'recover', 'y')],
      /Cannot place interceptor "x" after "y".*Others there: none/,
    ],
    [
      'an `after` of another phase',
      [named('y', 'observe'), named('x', 'recover', 'y'), named('z')],
      /Cannot place interceptor "x" after "y" in phase "recover".*Others there: z/,
    ],
    [
      'an `after` that names a gate of admission',
      [named('admission', 'admit'), named('x', 'admit', 'rate-limit')],
      /Others there: admission\. "rate-limit" is now a gate of "admission"\.$/,
    ],
    [
      'an `after` that names an interceptor of another phase, called like a gate',
      [named('budget', 'observe'), named('x', 'admit', 'budget')],
      /Others there: none\.$/,
    ],
    ['a name that is there twice', [named('x', 'observe'), named('x', 'recover')], /Two interceptors are named "x"/],
    [
      'two that come after each other',
      [named('x', 'recover', 'y'), named('y', 'recover', 'x')],
      /Cannot place interceptor "x" after "y"/,
    ],
    ['one that comes after itself', [named('x', 'recover', 'x')], /Cannot place interceptor "x" after "x"/],
    [
      'one without a function to call',
      [{ name: 'x', phase: 'recover' } as InterceptorDefinition],
      /"x" has no function "intercept/,
    ],
  ])('rejects %s, and names the interceptor', (_what, definitions, message) => {
    expect(() => arrange(definitions)).toThrow(ConfigError);
    expect(() => arrange(definitions)).toThrow(message);
  });
});

describe('compose', () => {
  const answer: Handler = () => of(TEXT, anEnd());
  const mark = (name: string, into: string[]): InterceptorDefinition => ({
    ...named(name),
    intercept: (request, next) => {
      into.push(`${name} in`);
      return next(request).pipe(tap({ complete: () => into.push(`${name} out`) }));
    },
  });

  it('shows the request to the first interceptor first, and the end to it last', () => {
    const seen: string[] = [];
    const watched = watch(compose([mark('outer', seen), mark('inner', seen)], answer)(aRequest()));
    expect(watched.types).toEqual(['text-delta', 'generation-end']);
    expect(seen).toEqual(['outer in', 'inner in', 'inner out', 'outer out']);
  });

  it('runs nothing before subscription, the end of the chain included, and everything again at each one', () => {
    const seen: string[] = [];
    const events = compose([mark('only', seen)], (request) => {
      seen.push('terminal');
      return answer(request);
    })(aRequest());
    expect(seen).toEqual([]);
    watch(events);
    watch(events);
    expect(seen).toEqual(['only in', 'terminal', 'only out', 'only in', 'terminal', 'only out']);
  });

  it('turns a synchronous throw into an error notification, which an outer interceptor can catch', () => {
    const failures: unknown[] = [];
    const throws = (): never => {
      throw new TypeError('no such thing');
    };
    const saved = {
      ...named('catches'),
      intercept: ((request, next) =>
        next(request).pipe(
          catchError((error: unknown) => {
            failures.push(error);
            return of(anEnd());
          }),
        )) satisfies Interceptor,
    };
    expect(watch(compose([saved, { ...named('throws'), intercept: throws }], answer)(aRequest())).isComplete).toBe(
      true,
    );
    expect(watch(compose([saved], throws)(aRequest())).isComplete).toBe(true);
    expect(failures).toEqual([new TypeError('no such thing'), new TypeError('no such thing')]);
  });

  it('runs the inner chain once for each call of next', () => {
    let runs = 0;
    const twice: InterceptorDefinition = {
      ...named('twice'),
      intercept: (request, next) => concat(next(request), next(request)),
    };
    const counting: InterceptorDefinition = {
      ...named('counting'),
      intercept: (request, next) => {
        runs += 1;
        return next(request);
      },
    };
    const events: GenerationEvent[] = [];
    compose([twice, counting], () => of(TEXT))(aRequest()).subscribe((event) => events.push(event));
    expect(runs).toBe(2);
    expect(events).toEqual([TEXT, TEXT]);
  });

  it('keeps the `this` of a class', () => {
    class Labelled implements InterceptorDefinition {
      readonly name = 'labelled';
      readonly phase = 'prepare';
      private readonly model = 'another-model';
      intercept(this: this, request: Parameters<Interceptor>[0], next: Handler): Observable<GenerationEvent> {
        return next({ ...request, model: this.model });
      }
    }
    const models: string[] = [];
    compose(arrange([new Labelled()]), ({ model }) => {
      models.push(model);
      return EMPTY;
    })(aRequest()).subscribe();
    expect(models).toEqual(['another-model']);
  });

  it('forwards unsubscription to the end of the chain', () => {
    let stopped = 0;
    const silent = new Observable<GenerationEvent>((subscriber) =>
      NEVER.subscribe(subscriber).add(() => {
        stopped += 1;
      }),
    );
    const watched = watch(compose([mark('a', []), mark('b', [])], () => silent)(aRequest()));
    expect(stopped).toBe(0);
    watched.stop();
    expect(stopped).toBe(1);
  });

  /** The request that the end of the chain receives, if an interceptor asks for this one. */
  const received = (request: GenerationRequest, asked: GenerationRequest): GenerationRequest | undefined => {
    const requests: GenerationRequest[] = [];
    const changing: InterceptorDefinition = { ...named('changing'), intercept: (_request, next) => next(asked) };
    compose([changing, named('inner')], (last) => {
      requests.push(last);
      return EMPTY;
    })(request).subscribe();
    return requests[0];
  };

  it('passes a copy by spread as it is, and frozen', () => {
    const request = aRequest();
    const copy = { ...request, model: 'b-model' };
    expect(received(request, copy)).toBe(copy);
    expect(Object.isFrozen(copy)).toBe(true);
  });

  it.each([
    ['is built afresh', (request: GenerationRequest) => structuredClone({ ...request, context: undefined })],
    ['belongs to another generation', () => aRequest()],
  ])('gives a request that %s the state of its generation, and freezes it', (_which, make) => {
    const request = aRequest({ model: 'b-model' });
    const asked = { ...make(request), context: request.context };
    const last = received(request, asked)!;
    expect(stateOf(last)).toBe(stateOf(request));
    expect({ ...last }).toEqual({ ...request, model: asked.model });
    expect(Object.isFrozen(last)).toBe(true);
  });
});
