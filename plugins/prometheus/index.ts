import { ConfigError } from 'scriptorium';
import { definePlugin, flag, text, whole } from 'scriptorium/plugin';
import type { Plugin } from 'scriptorium/plugin';
import { addMetrics } from './add-metrics.js';
import type { Exposition } from './exposition.js';
import { labelNames, OWN_LABELS } from './label-names.js';
import { answer, metricsServer } from './metrics-server.js';
import type { RequestHandler } from './metrics-server.js';

export type { RequestHandler } from './metrics-server.js';

export interface PrometheusOptions {
  /** The id of this instance; its configuration is then `plugins.<id>`. */
  readonly id?: string | undefined;
  readonly listen?: boolean | undefined;
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly maxLabelValues?: number | undefined;
  readonly maxLabelSets?: number | undefined;
}

/** The plugin of one pipeline, and the door to its metrics. They can still be read after the pipeline's end. */
export interface PrometheusPlugin extends Plugin {
  /** All metrics in Prometheus' text format. @throws ConfigError while no pipeline has set the plugin up */
  metrics(): Promise<string>;
  /** Answers GET and HEAD with the metrics, whatever the path: mount it in a server of your own. 503 before the plugin is set up. */
  readonly handler: RequestHandler;
  /** Where the plugin's own server has them; undefined while there is none. */
  url(): string | undefined;
}

const CONFIG = {
  listen: { doc: 'Whether to serve /metrics on a port of its own', format: flag, default: true },
  port: { doc: 'That port; 0 takes any that is free', format: whole(0, 65_535), default: 9_464 },
  host: { doc: 'The address to listen on', format: text, default: '127.0.0.1' },
  labels: {
    doc: 'All labels that metrics may have beside fixed ones; what is not provider, model or outcome is read from the labels of the request',
    format: labelNames,
    default: OWN_LABELS,
  },
  maxLabelValues: {
    doc: 'How many values of a label are kept apart; all further ones are "other"',
    format: whole(1),
    default: 50,
  },
  maxLabelSets: {
    doc: 'How many sets of labels are kept apart; the labels of further requests are "other"',
    format: whole(1),
    default: 200,
  },
} as const;

/** Metrics for Prometheus. The package `prom-client` must be installed beside this one. */
export function prometheus({ id = 'prometheus', ...options }: PrometheusOptions = {}): PrometheusPlugin {
  let exposition: Exposition | undefined;
  let url: string | undefined;
  let isInUse = false;
  const handler: RequestHandler = (request, response) => {
    if (exposition === undefined) answer(response, 503, 'No pipeline has set this plugin up yet.\n');
    else void exposition.handle(request, response);
  };
  const plugin = definePlugin({
    name: 'prometheus',
    id,
    apiVersion: 1,
    config: CONFIG,
    options,
    setup: async (host) => {
      // The pipeline of the command sets this plugin up as well, and is the one to count.
      if (host.purpose === 'commands') return;
      if (isInUse) throw new ConfigError('This prometheus() belongs to another pipeline already; make one for each.');
      isInUse = true;
      host.onDispose(() => {
        isInUse = false;
      });
      exposition = await addMetrics(id, host);
      host.addEndpoint({ path: '/metrics', summary: "Shows metrics in Prometheus' text format", handle: handler });
      if (!host.config.listen) return;
      const server = await metricsServer({ id, host: host.config.host, port: host.config.port, handle: handler });
      host.onDispose(async () => {
        url = undefined;
        await server.close();
      });
      ({ url } = server);
      host.logger.info(`metrics are served at ${url}`);
    },
  });
  return {
    ...plugin,
    handler,
    url: () => url,
    metrics: async () => textOf(exposition),
  };
}

function textOf(exposition: Exposition | undefined): Promise<string> {
  if (exposition === undefined)
    throw new ConfigError('There are no metrics before a pipeline has set prometheus() up.');
  return exposition.text();
}

/** So that a configuration can load it by name: `"load": ["scriptorium/plugins/prometheus"]`. */
export default prometheus;
