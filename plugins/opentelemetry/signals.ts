import type { Meter, Tracer } from '@opentelemetry/api';
import { ConfigError } from 'scriptorium';
import type { PluginHost } from 'scriptorium/plugin';
import { isDone } from './is-done.js';
import type { Api } from './load.js';
import { ownMetrics, ownTraces } from './own-providers.js';
import type { ExportSettings, Own } from './own-providers.js';
import { reporter } from './reporter.js';

export interface SignalSettings extends Omit<ExportSettings, 'endpoint'> {
  readonly providers: 'auto' | 'global' | 'own';
  readonly endpoint: string | null;
  readonly shutdownMs: number;
}

export interface Signals {
  readonly tracer: Tracer;
  readonly meter: Meter;
  /** Spans that the plugin's own exporter could not send. */
  readonly lost: () => number;
  /** Sends what the plugin's own exporters still have, within its limit. Never fails; the application's own providers are left alone. */
  readonly shutdown: () => Promise<void>;
}

/** The name under which spans and metrics are told. */
const SCOPE = 'scriptorium';

/**
 * A tracer and a meter: the application's, where it has registered a global provider by now, or of providers of our own.
 * @throws ConfigError
 */
export async function chooseSignals(
  api: Api,
  { config, clock, logger }: Pick<PluginHost<SignalSettings>, 'config' | 'clock' | 'logger'>,
): Promise<Signals> {
  const { providers, endpoint, shutdownMs } = config;
  if (providers === 'own' && endpoint === null)
    throw new ConfigError('Own providers need the address of a receiver: endpoint, or OTEL_EXPORTER_OTLP_ENDPOINT.');
  const isOwn = (isRegistered: boolean): boolean => providers === 'own' || (providers === 'auto' && !isRegistered);
  const [hasTracer, hasMeter] = [isTracerRegistered(api), api.metrics.getMeter(SCOPE) !== api.createNoopMeter()];
  if (isOwn(hasTracer) && isOwn(hasMeter) && endpoint === null)
    logger.warn('no OpenTelemetry provider is registered, and there is no endpoint: spans and metrics go nowhere');

  const settings = { ...config, endpoint: endpoint ?? '' };
  const { report, lost } = reporter(logger, settings.endpoint);
  const traces = isOwn(hasTracer) && endpoint !== null ? await ownTraces(settings, report) : undefined;
  const metrics = isOwn(hasMeter) && endpoint !== null ? await ownMetrics(settings, report) : undefined;
  const own: readonly Own<unknown>[] = [traces, metrics].filter((part) => part !== undefined);
  return {
    tracer: (traces?.provider ?? api.trace).getTracer(SCOPE),
    meter: (metrics?.provider ?? api.metrics).getMeter(SCOPE),
    lost,
    shutdown: async () => {
      const ended = Promise.all(own.map((part) => part.shutdown().catch(report)));
      if (!(await isDone(ended, { clock, ms: shutdownMs })))
        report(new Error(`the last export took longer than ${shutdownMs} ms`));
    },
  };
}

/** Until somebody registers one, the API hands out a stand-in that has nobody to pass spans on to. */
function isTracerRegistered({ trace, ProxyTracerProvider }: Api): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(SCOPE) !== undefined;
}
