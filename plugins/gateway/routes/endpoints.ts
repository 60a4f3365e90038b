import type { HttpEndpoint } from 'scriptorium/plugin';
import type { GatewayParts } from '../parts.js';

/** The answers to GET that plugins of the pipeline offer, one for each path; a handler that the gateway was given comes first. */
export function endpointsOf({
  metrics,
  pipeline,
}: Pick<GatewayParts, 'metrics' | 'pipeline'>): readonly HttpEndpoint[] {
  const own = metrics === undefined ? [] : [{ path: '/metrics', summary: METRICS, handle: metrics }];
  const byPath = new Map<string, HttpEndpoint>();
  for (const endpoint of [...own, ...pipeline.endpoints()])
    if (!byPath.has(endpoint.path)) byPath.set(endpoint.path, endpoint);
  return [...byPath.values()];
}

const METRICS = "Shows metrics in Prometheus' text format";
