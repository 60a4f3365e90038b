import { baseUrl, definePlugin, flag, list, oneOf, text, whole } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { guard } from './guard.js';
import { instruments } from './instruments.js';
import { attemptSpans, generationSpans } from './interceptors.js';
import { loadApi } from './load.js';
import { Observation } from './observation.js';
import { chooseSignals } from './signals.js';

export interface OpenTelemetryOptions {
  /** The id of this instance; its configuration is then `plugins.<id>`. */
  readonly id?: string | undefined;
  readonly providers?: 'auto' | 'global' | 'own' | undefined;
  /** The base address of an OTLP/HTTP receiver, such as http://localhost:4318. */
  readonly endpoint?: string | undefined;
  readonly serviceName?: string | undefined;
  readonly traceparent?: boolean | undefined;
  /** Names of labels that become attributes of the metrics. */
  readonly metricLabels?: readonly string[] | undefined;
  readonly metricIntervalMs?: number | undefined;
  readonly exportTimeoutMs?: number | undefined;
  readonly shutdownMs?: number | undefined;
}

/** The longest that one of Node's timers can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const config = {
  providers: {
    doc: "Whose tracer and meter are used: the registered global ones, the plugin's own, or per signal the global one where it is registered and else the plugin's own",
    format: oneOf('auto', 'global', 'own'),
    default: 'auto',
  },
  endpoint: {
    doc: "Where the plugin's own exporters send to, by OTLP/HTTP; /v1/traces and /v1/metrics are put behind it",
    format: baseUrl(),
    default: null,
    environment: ['OTEL_EXPORTER_OTLP_ENDPOINT'],
  },
  serviceName: {
    doc: "The service.name of what the plugin's own exporters send",
    format: text,
    default: 'scriptorium',
    environment: ['OTEL_SERVICE_NAME'],
  },
  traceparent: {
    doc: "Whether each request carries the traceparent of its attempt's span",
    format: flag,
    default: true,
  },
  metricLabels: {
    doc: 'Labels that become attributes of the metrics; spans have all of them',
    format: list,
    default: [],
  },
  metricIntervalMs: {
    doc: "How often the plugin's own exporter sends metrics",
    format: whole(1, LONGEST_TIMER_MS),
    default: 60_000,
    environment: ['OTEL_METRIC_EXPORT_INTERVAL'],
  },
  exportTimeoutMs: {
    doc: 'How long one export may take, its repetitions included',
    format: whole(1, LONGEST_TIMER_MS),
    default: 10_000,
    environment: ['OTEL_EXPORTER_OTLP_TIMEOUT'],
  },
  shutdownMs: {
    doc: 'How long the last export may hold up the end of the pipeline',
    format: whole(1, LONGEST_TIMER_MS),
    default: 5_000,
  },
} as const;

/**
 * Traces and metrics by OpenTelemetry's conventions for generative AI. The package `@opentelemetry/api` must be installed
 * beside this one, and for `endpoint` the SDK and its exporters too. Nothing of a prompt or an answer is ever told.
 */
export const opentelemetry = ({ id = 'opentelemetry', ...options }: OpenTelemetryOptions = {}): Plugin =>
  definePlugin({
    name: 'opentelemetry',
    id,
    apiVersion: 1,
    config,
    options,
    setup: async (host) => {
      const { traceparent, metricLabels } = host.config;
      const api = await loadApi();
      const signals = await chooseSignals(api, host);
      host.onDispose(signals.shutdown);
      const observation = new Observation({
        api,
        tracer: signals.tracer,
        instruments: instruments(signals.meter),
        clock: host.clock,
        metricLabels,
      });
      const parts = { api, observation, traceparent, guard: guard(host.logger) };
      host.addInterceptor({ name: id, phase: 'observe', intercept: generationSpans(parts) });
      host.addInterceptor({ name: `${id}-attempt`, phase: 'attempt', intercept: attemptSpans(parts) });
      host.addStatSink({
        name: id,
        record: (stat) => observation.record(stat),
        backlog: () => ({ queued: 0, dropped: signals.lost() }),
      });
    },
  });

/** So that a configuration can load it by name: `"load": ["scriptorium/plugins/opentelemetry"]`. */
export default opentelemetry;
