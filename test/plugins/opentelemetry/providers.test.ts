import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { context, metrics, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { SpanContext } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { lastValueFrom } from 'rxjs';
import { opentelemetry } from 'scriptorium/plugins/opentelemetry';
import { loadApi } from '../../../plugins/opentelemetry/load.js';
import { eventually } from '../../support/eventually.js';
import { failureOf, pipelineTo } from '../../support/pipelines.js';
import { scriptServer } from '../../support/script-server.js';
import { aScene, spansOf } from './observed.js';

describe('global providers', () => {
  let spans: InMemorySpanExporter;
  let figures: InMemoryMetricExporter;
  let tracing: BasicTracerProvider;
  let metering: MeterProvider;

  beforeEach(() => {
    [spans, figures] = [new InMemorySpanExporter(), new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)];
    tracing = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
    metering = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter: figures })] });
  });
  afterEach(async () => {
    trace.disable();
    metrics.disable();
    await Promise.all([tracing.shutdown(), metering.shutdown()]);
  });

  const metricNames = (): string[] =>
    figures
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap((scope) => scope.metrics)
      .map(({ descriptor }) => descriptor.name);

  it('are used where they are registered, and outlive the pipeline', async () => {
    trace.setGlobalTracerProvider(tracing);
    metrics.setGlobalMeterProvider(metering);
    const { pipeline, receiver } = await aScene();
    await pipeline.generate({ prompt: 'Begin.' });
    await pipeline.dispose();
    await metering.forceFlush();
    expect(spans.getFinishedSpans().map(({ name }) => name)).toEqual(['attempt a/model', 'chat a/model']);
    expect(metricNames()).toContain('gen_ai.client.operation.duration');
    expect(receiver.text()).toBe('');
    tracing.getTracer('another').startSpan('later').end();
    expect(spans.getFinishedSpans()).toHaveLength(3);
  });

  it('are passed over where the plugin is to use its own', async () => {
    trace.setGlobalTracerProvider(tracing);
    metrics.setGlobalMeterProvider(metering);
    const scene = await aScene({ options: { providers: 'own' } });
    await scene.pipeline.generate({ prompt: 'Begin.' });
    expect((await spansOf(scene)).generations).toHaveLength(1);
    expect(spans.getFinishedSpans()).toEqual([]);
  });

  it('are chosen signal by signal', async () => {
    trace.setGlobalTracerProvider(tracing);
    const { pipeline, receiver } = await aScene();
    await pipeline.generate({ prompt: 'Begin.' });
    await pipeline.dispose();
    expect(spans.getFinishedSpans()).toHaveLength(2);
    expect(receiver.spans()).toEqual([]);
    expect(receiver.points('gen_ai.client.operation.duration')).toHaveLength(1);
  });

  it('that are out of order disturb no generation, and are logged once', async () => {
    const broken = {
      getTracer: () => ({
        startSpan: () => {
          throw new Error('no spans today');
        },
        startActiveSpan: () => {
          throw new Error('no spans today');
        },
      }),
    };
    trace.setGlobalTracerProvider(broken);
    const { pipeline, logger } = await aScene({ options: { endpoint: undefined } });
    for (let call = 0; call < 2; call += 1) expect((await pipeline.generate({ prompt: 'Begin.' })).text).not.toBe('');
    expect(logger.lines.filter(({ fields }) => fields.reason === 'no spans today' && !('sink' in fields))).toHaveLength(
      1,
    );
  });
});

describe('the active span of the caller', () => {
  const caller: SpanContext = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
  const asCaller = <T>(run: () => T): T => context.with(trace.setSpanContext(ROOT_CONTEXT, caller), run);

  beforeEach(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  });
  afterEach(() => context.disable());

  it('is the parent of the generation', async () => {
    const scene = await aScene();
    await asCaller(() => scene.pipeline.generate({ prompt: 'Begin.' }));
    const { generations, attempts } = await spansOf(scene);
    expect(generations).toMatchObject([{ traceId: caller.traceId, parentSpanId: caller.spanId }]);
    expect(attempts).toMatchObject([{ traceId: caller.traceId, parentSpanId: generations[0]?.spanId }]);
    expect(scene.emulator.requests[0]?.headers.traceparent).toBe(`00-${caller.traceId}-${attempts[0]?.spanId}-01`);
  });

  it('is the parent of a loop over the events, whose retries stay inside it', async () => {
    const scene = await aScene();
    scene.emulator.script({ status: 503 });
    await asCaller(async () => {
      for await (const event of scene.pipeline.iterate({ prompt: 'Begin.' })) expect(event.type).not.toBe('restart');
    });
    const { generations, attempts } = await spansOf(scene);
    expect(generations).toMatchObject([{ parentSpanId: caller.spanId }]);
    expect(attempts.map(({ parentSpanId }) => parentSpanId)).toEqual([generations[0]?.spanId, generations[0]?.spanId]);
  });

  it('is the parent of a generation that is begun when another one brings its events', async () => {
    const scene = await aScene();
    await asCaller(
      () =>
        new Promise<void>((resolve, reject) => {
          scene.pipeline.stream({ prompt: 'Begin.' }).subscribe({
            complete: () =>
              void lastValueFrom(scene.pipeline.stream({ prompt: 'Go on.' })).then(() => resolve(), reject),
          });
        }),
    );
    expect((await spansOf(scene)).generations.map(({ parentSpanId }) => parentSpanId)).toEqual([
      caller.spanId,
      caller.spanId,
    ]);
  });
});

describe('a receiver', () => {
  const lost = 'spans or metrics could not be sent; further failures are not logged';

  it('that is down fails no generation and not the end of the pipeline, and is logged once', async () => {
    const { pipeline, logger } = await aScene({ options: { endpoint: 'http://127.0.0.1:1', exportTimeoutMs: 100 } });
    for (let call = 0; call < 3; call += 1)
      expect((await pipeline.generate({ prompt: 'Begin.' })).finishReason.unified).toBe('stop');
    await pipeline.dispose();
    // A span for each generation and each attempt.
    expect(pipeline.sinks().find(({ name }) => name === 'opentelemetry')).toMatchObject({ recorded: 6, dropped: 6 });
    expect(logger.lines.filter(({ message }) => message === lost)).toMatchObject([
      { severity: 'warn', fields: { endpoint: 'http://127.0.0.1:1' } },
    ]);
  });

  it('that never answers holds up the end of the pipeline only within its limit', async () => {
    const silent = await scriptServer([{ request: true }, { stall: true }]);
    const { pipeline, logger } = await aScene({
      options: { endpoint: `http://127.0.0.1:${silent.port}`, shutdownMs: 50, exportTimeoutMs: 200 },
    });
    await pipeline.generate({ prompt: 'Begin.' });
    await pipeline.dispose();
    await eventually(() => silent.requests.length > 0);
    expect(logger.lines.filter(({ message }) => message === lost)).toMatchObject([
      { fields: { reason: 'the last export took longer than 50 ms' } },
    ]);
    await silent.close();
  });

  it('may be named by the variable of OpenTelemetry', async () => {
    const { emulator, receiver } = await aScene();
    const pipeline = await pipelineTo(
      emulator.url,
      {},
      {
        plugins: [opentelemetry()],
        environment: { OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/`, OTEL_SERVICE_NAME: 'bookgen' },
      },
    );
    await pipeline.generate({ prompt: 'Begin.' });
    await pipeline.dispose();
    expect(receiver.spans()).toHaveLength(2);
    expect(receiver.services()).toEqual(['bookgen']);
  });

  it('is asked for where there is none', async () => {
    await expect(aScene({ options: { endpoint: undefined, providers: 'own' } })).rejects.toThrow(
      /address of a receiver: endpoint, or OTEL_EXPORTER_OTLP_ENDPOINT/,
    );
  });

  it('is missed in the log where no provider is registered either', async () => {
    const { pipeline, logger, emulator } = await aScene({ options: { endpoint: undefined } });
    expect((await pipeline.generate({ prompt: 'Begin.' })).text).not.toBe('');
    expect(logger.messages.filter((line) => line.includes('go nowhere'))).toHaveLength(1);
    expect(emulator.requests[0]?.headers).not.toHaveProperty('traceparent');
  });
});

describe('packages that are not installed', () => {
  it('are named with the command that installs them', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    const { code, message } = await failureOf(loadApi(() => Promise.reject(missing)));
    expect(code).toBe('configuration');
    expect(message).toContain('npm i @opentelemetry/api@1');
    await expect(loadApi(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });
});
