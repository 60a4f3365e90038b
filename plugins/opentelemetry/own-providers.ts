import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import { loadMetrics, loadTracing } from './load.js';
import type { Report } from './reporter.js';

export interface ExportSettings {
  readonly endpoint: string;
  readonly serviceName: string;
  readonly metricIntervalMs: number;
  readonly exportTimeoutMs: number;
}

/** A provider that is nobody else's, and never the global one. */
export interface Own<Provider> {
  readonly provider: Provider;
  /** Sends what is left. */
  shutdown(): Promise<void>;
}

/** Spans in batches. The SDK's own variables hold as well: its sampler, the size of batches, headers. */
export async function ownTraces(settings: ExportSettings, report: Report): Promise<Own<TracerProvider>> {
  const [{ BasicTracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, resources] = await loadTracing();
  const exporter = new OTLPTraceExporter(destination(settings, 'traces'));
  reportFailures(exporter, report);
  const provider = new BasicTracerProvider({
    resource: resources
      .defaultResource()
      .merge(resources.resourceFromAttributes({ 'service.name': settings.serviceName })),
    spanProcessors: [new BatchSpanProcessor(exporter, { exportTimeoutMillis: settings.exportTimeoutMs })],
  });
  return { provider, shutdown: () => provider.shutdown() };
}

/** Metrics at an interval, and at the end. */
export async function ownMetrics(settings: ExportSettings, report: Report): Promise<Own<MeterProvider>> {
  const [{ MeterProvider: OwnMeterProvider, PeriodicExportingMetricReader }, { OTLPMetricExporter }, resources] =
    await loadMetrics();
  const { metricIntervalMs, exportTimeoutMs } = settings;
  const exporter = new OTLPMetricExporter(destination(settings, 'metrics'));
  reportFailures(exporter, report);
  const provider = new OwnMeterProvider({
    resource: resources
      .defaultResource()
      .merge(resources.resourceFromAttributes({ 'service.name': settings.serviceName })),
    readers: [
      new PeriodicExportingMetricReader({
        exporter,
        exportIntervalMillis: metricIntervalMs,
        exportTimeoutMillis: Math.min(exportTimeoutMs, metricIntervalMs),
      }),
    ],
  });
  return { provider, shutdown: () => provider.shutdown() };
}

function destination(
  { endpoint, exportTimeoutMs }: ExportSettings,
  signal: 'traces' | 'metrics',
): { readonly url: string; readonly timeoutMillis: number } {
  return { url: `${endpoint.replace(/\/+$/, '')}/v1/${signal}`, timeoutMillis: exportTimeoutMs };
}

/** How an export went, as the SDK's exporters tell it: 0 is success. */
interface ExportResult {
  readonly code: number;
  readonly error?: Error;
}

interface Exporter<Items> {
  export: (items: Items, done: (result: ExportResult) => void) => void;
}

/** Tells the failures of an exporter; the SDK itself tells them only to a logger that nobody has set. */
function reportFailures<Items>(exporter: Exporter<Items>, report: Report): void {
  const send = exporter.export.bind(exporter);
  exporter.export = (items, done) => {
    send(items, (result) => {
      // Figures are sums, which the next export tells too.
      if (result.code !== 0)
        report(result.error ?? new Error('the export failed'), Array.isArray(items) ? items.length : 0);
      done(result);
    });
  };
}
