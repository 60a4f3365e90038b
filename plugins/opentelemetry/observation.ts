import type { Attributes, Context, HrTime, Span, SpanOptions, Tracer } from '@opentelemetry/api';
import type {
  AttemptReconciledStat,
  AttemptStat,
  Clock,
  GenerationEnd,
  GenerationEvent,
  GenerationRequest,
  GenerationStat,
  Stat,
} from 'scriptorium/plugin';
import { ATTEMPT_NUMBER } from 'scriptorium/plugin';
import { aboutGeneration, attemptStart, ending, errorType, generationStart, metricAttributes } from './attributes.js';
import type { Instruments } from './instruments.js';
import type { Api } from './load.js';
import { hrTime, stopwatch } from './stopwatch.js';

export interface ObservationParts {
  readonly api: Api;
  readonly tracer: Tracer;
  readonly instruments: Instruments;
  readonly clock: Clock;
  readonly metricLabels: readonly string[];
}

/** A span under way, and what of its work has been seen so far. */
export interface OpenSpan {
  readonly span: Span;
  /** In which the span is the active one. */
  readonly context: Context;
  readonly now: () => HrTime;
  readonly isStreamed: boolean;
  answer?: GenerationEnd;
}

type Ending = Omit<OpenSpan, 'context'>;

/** What is begun by the interceptors, and ended by the stats: spans and metrics say what the statistics say. */
export class Observation {
  private readonly generations = new Map<string, OpenSpan>();
  private readonly attempts = new Map<string, OpenSpan>();

  constructor(private readonly parts: ObservationParts) {}

  /** The span of a generation; of one that is under way already, the same. */
  beginGeneration(request: GenerationRequest, parent: Context): OpenSpan {
    const begun =
      this.generations.get(request.id) ??
      this.begin(`chat ${request.model}`, { attributes: generationStart(request) }, { request, parent });
    this.generations.set(request.id, begun);
    return begun;
  }

  /** The span of the attempt under way, inside its generation's. */
  beginAttempt(request: GenerationRequest, active: Context): OpenSpan {
    const attempt = request.context.get(ATTEMPT_NUMBER);
    const key = keyOf(request.id, attempt);
    const parent = this.generations.get(request.id)?.context ?? active;
    const begun =
      this.attempts.get(key) ??
      this.begin(`attempt ${request.model}`, { attributes: attemptStart(request, attempt) }, { request, parent });
    this.attempts.set(key, begun);
    return begun;
  }

  /** Sees the events of one attempt on their way out. */
  readonly chunks = (request: GenerationRequest, open: OpenSpan): ((event: GenerationEvent) => void) => {
    const { clock, instruments, metricLabels } = this.parts;
    const attributes = metricAttributes(request, undefined, metricLabels);
    let last: number | undefined;
    return (event) => {
      if (event.type === 'generation-end') open.answer = event;
      if (!open.isStreamed || !isChunk(event)) return;
      const now = clock.monotonic();
      if (last !== undefined) instruments.timePerOutputChunk.record((now - last) / 1000, attributes);
      last = now;
    };
  };

  record(stat: Stat): void {
    switch (stat.type) {
      case 'attempt-end':
        this.endAttempt(stat);
        break;
      case 'attempt-reconciled':
        this.countReconciled(stat);
        break;
      case 'generation-end':
        this.endGeneration(stat);
        break;
      default:
        stat satisfies never;
    }
  }

  /** Ends a span that no stat has ended: somebody on the way has changed what it is known by. */
  abandon(open: OpenSpan): void {
    for (const spans of [this.generations, this.attempts]) {
      for (const [key, other] of spans) {
        if (other !== open) continue;
        spans.delete(key);
        open.span.end(open.now());
      }
    }
  }

  private begin(
    name: string,
    options: SpanOptions,
    { request, parent }: { readonly request: GenerationRequest; readonly parent: Context },
  ): OpenSpan {
    const { api, tracer, clock } = this.parts;
    const now = stopwatch(clock);
    const span = tracer.startSpan(name, { ...options, kind: api.SpanKind.CLIENT, startTime: now() }, parent);
    return { span, now, context: api.trace.setSpan(parent, span), isStreamed: request.wire === 'sse' };
  }

  private endAttempt(stat: AttemptStat): void {
    const key = keyOf(stat.generationId, stat.attempt);
    const open = this.attempts.get(key);
    this.attempts.delete(key);
    this.countTokens(stat, open?.answer);
    if (open !== undefined) this.end(open, stat);
  }

  private endGeneration(stat: GenerationStat): void {
    const open = this.generations.get(stat.generationId);
    this.generations.delete(stat.generationId);
    this.countGeneration(stat, open);
    this.end(open ?? this.refused(stat), stat);
  }

  /** A generation that never reached the chain: its input was wrong. */
  private refused(stat: GenerationStat): Ending {
    const { api, tracer } = this.parts;
    const span = tracer.startSpan(
      `chat ${stat.model}`,
      { kind: api.SpanKind.CLIENT, startTime: hrTime(stat.startedAt), attributes: aboutGeneration(stat) },
      api.context.active(),
    );
    return { span, isStreamed: false, now: () => hrTime(stat.startedAt + stat.latencyMs) };
  }

  private end({ span, now, isStreamed, answer }: Ending, stat: AttemptStat | GenerationStat): void {
    span.setAttributes(ending(stat, { answer, isStreamed }));
    if (stat.outcome === 'error') span.setStatus({ code: this.parts.api.SpanStatusCode.ERROR });
    span.end(now());
  }

  private countGeneration(stat: GenerationStat, open: OpenSpan | undefined): void {
    const { instruments, metricLabels } = this.parts;
    const error = errorType(stat);
    const attributes: Attributes = {
      ...metricAttributes(stat, open?.answer, metricLabels),
      ...(error !== undefined && { 'error.type': error }),
      ...(stat.servedFrom === 'cache' && { 'scriptorium.served_from': 'cache' }),
    };
    instruments.operationDuration.record(stat.latencyMs / 1000, attributes);
    if (stat.timeToFirstTokenMs !== undefined && open?.isStreamed === true)
      instruments.timeToFirstChunk.record(stat.timeToFirstTokenMs / 1000, attributes);
  }

  /** What the vendor has said afterwards of an attempt that had been counted for nothing. */
  private countReconciled(stat: AttemptReconciledStat): void {
    if (stat.replaces.source !== 'reported') this.countTokens(stat, undefined);
  }

  /** Only what the vendor reported: the conventions have no place for estimates. */
  private countTokens(stat: AttemptStat | AttemptReconciledStat, answer: GenerationEnd | undefined): void {
    const { instruments, metricLabels } = this.parts;
    if (stat.usage.source !== 'reported') return;
    const attributes = metricAttributes(stat, answer, metricLabels);
    instruments.tokenUsage.record(stat.usage.inputTokens, { ...attributes, 'gen_ai.token.type': 'input' });
    instruments.tokenUsage.record(stat.usage.outputTokens, { ...attributes, 'gen_ai.token.type': 'output' });
  }
}

function keyOf(generationId: string, attempt: number): string {
  return `${generationId} ${attempt}`;
}

function isChunk({ type }: GenerationEvent): boolean {
  return type === 'text-delta' || type === 'reasoning-delta' || type === 'tool-call';
}
