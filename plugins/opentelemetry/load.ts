import type * as OpenTelemetryApi from '@opentelemetry/api';
import type * as MetricExporter from '@opentelemetry/exporter-metrics-otlp-http';
import type * as TraceExporter from '@opentelemetry/exporter-trace-otlp-http';
import type * as Resources from '@opentelemetry/resources';
import type * as MetricSdk from '@opentelemetry/sdk-metrics';
import type * as TraceSdk from '@opentelemetry/sdk-trace-base';
import { ConfigError } from 'scriptorium';

/** What is used of `@opentelemetry/api`. */
export type Api = typeof OpenTelemetryApi;

/** The API, by which the application's own tracer and meter are found. @throws ConfigError that says what to install */
export function loadApi(load: () => Promise<Api> = () => import('@opentelemetry/api')): Promise<Api> {
  return installed(load, '@opentelemetry/api@1');
}

type Tracing = readonly [typeof TraceSdk, typeof TraceExporter, typeof Resources];
type Metrics = readonly [typeof MetricSdk, typeof MetricExporter, typeof Resources];

/** What the plugin's own traces need. @throws ConfigError that says what to install */
export function loadTracing(): Promise<Tracing> {
  return installed(
    () =>
      Promise.all([
        import('@opentelemetry/sdk-trace-base'),
        import('@opentelemetry/exporter-trace-otlp-http'),
        import('@opentelemetry/resources'),
      ]),
    '@opentelemetry/sdk-trace-base@2.12 @opentelemetry/exporter-trace-otlp-http@0.223 @opentelemetry/resources@2.12',
  );
}

/** What the plugin's own metrics need. @throws ConfigError that says what to install */
export function loadMetrics(): Promise<Metrics> {
  return installed(
    () =>
      Promise.all([
        import('@opentelemetry/sdk-metrics'),
        import('@opentelemetry/exporter-metrics-otlp-http'),
        import('@opentelemetry/resources'),
      ]),
    '@opentelemetry/sdk-metrics@2.12 @opentelemetry/exporter-metrics-otlp-http@0.223 @opentelemetry/resources@2.12',
  );
}

async function installed<T>(load: () => Promise<T>, packages: string): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new ConfigError(`A package that the plugin needs is not installed beside scriptorium: npm i ${packages}`, {
      cause: error,
    });
  }
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND')
  );
}
