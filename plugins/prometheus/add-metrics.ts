import type { PluginHost } from 'scriptorium/plugin';
import { countStats } from './count-stats.js';
import { Exposition } from './exposition.js';
import { Gates } from './gates.js';
import { guard } from './guard.js';
import { instruments } from './instruments.js';
import { Labeller } from './labeller.js';
import { loadPromClient } from './load-prom-client.js';
import { watchAttempts } from './watch-attempts.js';
import { watchRequests } from './watch-requests.js';
import { watchRoutes } from './watch-routes.js';

interface MetricsConfig {
  readonly labels: readonly string[];
  readonly maxLabelValues: number;
  readonly maxLabelSets: number;
}

/** Adds all that counts and watches to a pipeline. */
export async function addMetrics(id: string, host: PluginHost<MetricsConfig>): Promise<Exposition> {
  const { labels, maxLabelSets } = host.config;
  const onFull = (): void =>
    host.logger.warn(
      `the metrics keep ${maxLabelSets} sets of labels apart; the labels of further requests are told as "other"`,
      { remedy: `fewer names in plugins.${id}.labels, or a larger plugins.${id}.maxLabelSets` },
    );
  const labeller = new Labeller(labels, { ...host.config, onFull });
  const metrics = instruments(await loadPromClient(), labeller);
  const gates = new Gates(metrics.gauges, labeller, host.clock);
  host.addStatSink(countStats(id, metrics, labeller));
  const parts = { gauges: metrics.gauges, counters: metrics.counters, labeller, gates, guard: guard(host.logger) };
  host.addInterceptor(watchRequests(`${id}-requests`, parts));
  host.addInterceptor(watchRoutes(`${id}-routes`, parts));
  host.addInterceptor(watchAttempts(`${id}-attempts`, parts));
  return new Exposition(metrics.registry, () => gates.measure());
}
