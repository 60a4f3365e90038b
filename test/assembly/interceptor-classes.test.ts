import { afterEach, describe, expect, it } from '@jest/globals';
import { map, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import { contextKey, inject, injectable, RequestContext, tokens } from 'scriptorium';
import type { GenerationEvent, GenerationRequest, Handler, InterceptorDefinition, Pipeline } from 'scriptorium';
import type { Clock } from 'scriptorium/plugin';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';
import { rootContainer } from '../../src/assembly/container.js';
import { failureOf, pipelineTo } from '../support/pipelines.js';
import type { TestPipelineOptions } from '../support/pipelines.js';
import { aPlugin } from '../plugins/a-plugin.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function aPipeline(options: TestPipelineOptions): Promise<{ pipeline: Pipeline; emulator: Emulator }> {
  const emulator = await startEmulator({ words: 5 });
  closing.push(() => emulator.close());
  const pipeline = await pipelineTo(emulator.url, {}, options);
  closing.push(() => pipeline.dispose());
  return { pipeline, emulator };
}

const JOURNAL = Symbol('journal');
const CHAPTER = contextKey<number>('chapter', 0);

/** A service of the application. */
class Journal {
  readonly lines: string[] = [];
}

@injectable()
class Audit implements InterceptorDefinition {
  readonly name = 'audit';
  readonly phase = 'observe';

  constructor(
    @inject(JOURNAL) private readonly journal: Journal,
    @inject(tokens.CLOCK) private readonly clock: Clock,
  ) {}

  intercept(request: GenerationRequest, next: Handler): Observable<GenerationEvent> {
    this.journal.lines.push(`audit ${request.context.get(CHAPTER)}`);
    return next(request).pipe(
      tap({ complete: () => this.journal.lines.push(`audited at ${typeof this.clock.now()}`) }),
    );
  }
}

@injectable()
class Stamp implements InterceptorDefinition {
  readonly name = 'stamp';
  readonly phase = 'attempt';
  private seen = 0;

  constructor(@inject(JOURNAL) private readonly journal: Journal) {}

  intercept(request: GenerationRequest, next: Handler): Observable<GenerationEvent> {
    this.seen += 1;
    this.journal.lines.push(`stamp ${this.seen}`);
    return next({ ...request, headers: { ...request.headers, 'x-stamp': String(this.seen) } });
  }
}

function anApplication() {
  const container = rootContainer.createChildContainer();
  const journal = new Journal();
  container.register(JOURNAL, { useValue: journal });
  return { container, journal };
}

const noting = (name: string, phase: InterceptorDefinition['phase'], journal: Journal): InterceptorDefinition => ({
  name,
  phase,
  intercept: (request, next) => {
    journal.lines.push(name);
    return next(request);
  },
});

describe('an interceptor class', () => {
  it("gets the application's services and the pipeline's parts by token, and runs in the order that describe() prints", async () => {
    const { container, journal } = anApplication();
    const { pipeline, emulator } = await aPipeline({
      isBare: true,
      container,
      plugins: [aPlugin('plugged', (host) => host.addInterceptor(Stamp))],
      interceptors: [noting('innermost', 'attempt', journal), Audit, noting('cached', 'cache', journal)],
    });
    expect(pipeline.describe()).toEqual([
      { phase: 'observe', name: 'metrics' },
      { phase: 'observe', name: 'audit' },
      { phase: 'prepare', name: 'deadline' },
      { phase: 'cache', name: 'cache' },
      { phase: 'cache', name: 'cached' },
      { phase: 'continue', name: 'length-continuation' },
      { phase: 'continue', name: 'resume', onBreak: 'resume' },
      { phase: 'route', name: 'routing' },
      { phase: 'route', name: 'fallback' },
      { phase: 'recover', name: 'retry' },
      { phase: 'admit', name: 'admission', gates: ['breaker', 'limits', 'budget'] },
      { phase: 'attempt', name: 'attempt-stats' },
      { phase: 'attempt', name: 'timeouts' },
      { phase: 'attempt', name: 'stamp' },
      { phase: 'attempt', name: 'innermost' },
    ]);
    await pipeline.generate({ prompt: 'Begin.', context: RequestContext.empty.with(CHAPTER, 3) });
    expect(journal.lines).toEqual(['audit 3', 'cached', 'stamp 1', 'innermost', 'audited at number']);
    expect(emulator.requests[0]!.headers['x-stamp']).toBe('1');
  });

  it('is constructed once per pipeline', async () => {
    const { container, journal } = anApplication();
    const [one, two] = [
      await aPipeline({ container, interceptors: [Stamp] }),
      await aPipeline({ container, interceptors: [Stamp] }),
    ];
    await one.pipeline.generate({ prompt: 'Begin.' });
    await one.pipeline.generate({ prompt: 'Begin.' });
    await two.pipeline.generate({ prompt: 'Begin.' });
    expect(journal.lines).toEqual(['stamp 1', 'stamp 2', 'stamp 1']);
  });

  it("leaves the application's container unchanged, and its services alive after dispose", async () => {
    const { container, journal } = anApplication();
    const { pipeline } = await aPipeline({ container, interceptors: [Audit] });
    expect(container.isRegistered(tokens.CLOCK)).toBe(false);
    await pipeline.dispose();
    expect(container.resolve<Journal>(JOURNAL)).toBe(journal);
  });

  it('with an unregistered dependency fails the pipeline, and the message names the class and the parameter', async () => {
    const error = await failureOf(pipelineTo('http://127.0.0.1:1', {}, { interceptors: [Audit] }));
    expect(error.code).toBe('configuration');
    expect(error.message).toMatch(/Audit[^]*journal/);
  });

  it('with parameters but without @injectable fails the pipeline, not the first generation', async () => {
    class Plain implements InterceptorDefinition {
      readonly name = 'plain';
      readonly phase = 'observe';
      constructor(readonly journal: Journal) {}
      intercept(request: GenerationRequest, next: Handler): Observable<GenerationEvent> {
        return next(request);
      }
    }
    const error = await failureOf(pipelineTo('http://127.0.0.1:1', {}, { interceptors: [Plain] }));
    expect(error.code).toBe('configuration');
    expect(error.message).toContain('Plain');
  });
});

describe('a plain definition', () => {
  it('keeps its `this`', async () => {
    const counter = {
      name: 'counter',
      phase: 'observe' as const,
      deltas: 0,
      intercept(request: GenerationRequest, next: Handler) {
        return next(request).pipe(
          tap(({ type }) => {
            if (type === 'text-delta') this.deltas += 1;
          }),
        );
      },
    };
    const { pipeline } = await aPipeline({ interceptors: [counter] });
    await pipeline.generate({ prompt: 'Begin.' });
    expect(counter.deltas).toBeGreaterThan(0);
  });

  it('may change the request and the events, and sees labels and headers that others set', async () => {
    const outer: InterceptorDefinition = {
      name: 'outer',
      phase: 'prepare',
      intercept: (request, next) =>
        next({ ...request, labels: { ...request.labels, book: 'ada' }, headers: { 'X-Book': 'ada' } }),
    };
    const inner: InterceptorDefinition = {
      name: 'inner',
      phase: 'cache',
      intercept: (request, next) =>
        next(request).pipe(
          map((event) => (event.type === 'text-delta' ? { ...event, delta: request.labels.book! } : event)),
        ),
    };
    const { pipeline, emulator } = await aPipeline({ interceptors: [outer, inner] });
    expect((await pipeline.generate({ prompt: 'Begin.' })).text).toMatch(/^(ada)+$/);
    expect(emulator.requests[0]!.headers['x-book']).toBe('ada');
  });

  it.each([
    [
      { name: 'lost', phase: 'nowhere', intercept: () => undefined },
      /"lost" has the unknown phase "nowhere". Use one of: observe, prepare/,
    ],
    [{ name: 'retry', phase: 'observe', intercept: () => undefined }, /Two interceptors are named "retry"/],
    [
      { name: 'late', phase: 'observe', after: 'retry', intercept: () => undefined },
      /Cannot place interceptor "late" after "retry".*Others there: logging, metrics/,
    ],
    [{ name: 'empty', phase: 'observe' }, /"empty" has no function "intercept\(request, next\)"/],
    [() => undefined, /put together|constructor/],
  ])('that cannot be placed fails the pipeline: %j', async (interceptor, message) => {
    const error = await failureOf(
      pipelineTo('http://127.0.0.1:1', {}, { interceptors: [interceptor as InterceptorDefinition] }),
    );
    expect(error.code).toBe('configuration');
    expect(error.message).toMatch(message);
  });
});
