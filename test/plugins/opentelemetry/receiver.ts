import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Values = Readonly<Record<string, unknown>>;

/** A span as it came over the wire. */
export interface SeenSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly kind: number;
  readonly status: number | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Values;
}

/** One series of a histogram. */
export interface SeenPoint {
  readonly count: number;
  readonly sum: number;
  readonly bounds: readonly number[];
  readonly attributes: Values;
}

/** A receiver of OTLP over HTTP, in JSON. */
export interface Receiver {
  readonly url: string;
  /** All bodies as they came, in one text. */
  text(): string;
  spans(): readonly SeenSpan[];
  /** The names of the services that sent. */
  services(): readonly unknown[];
  points(metric: string): readonly SeenPoint[];
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const bodies: { readonly path: string | undefined; readonly text: string }[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((text) => {
      bodies.push({ path: request.url, text });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const sentTo = (path: string): unknown[] =>
    bodies.filter((body) => body.path === path).map(({ text }) => JSON.parse(text) as unknown);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    text: () => bodies.map(({ text }) => text).join('\n'),
    spans: () =>
      (sentTo('/v1/traces') as Traces[])
        .flatMap(({ resourceSpans }) => resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans)
        .flatMap(({ spans }) => spans)
        .map(spanFrom),
    services: () =>
      (sentTo('/v1/traces') as Traces[])
        .flatMap(({ resourceSpans }) => resourceSpans)
        .map(({ resource }) => valuesOf(resource.attributes)['service.name']),
    points: (metric) =>
      (sentTo('/v1/metrics') as Metrics[])
        .flatMap(({ resourceMetrics }) => resourceMetrics)
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap(({ metrics }) => metrics)
        .filter(({ name }) => name === metric)
        .flatMap(({ histogram }) => histogram.dataPoints)
        .map(({ count, sum, explicitBounds, attributes }) => ({
          count: Number(count),
          sum,
          bounds: explicitBounds,
          attributes: valuesOf(attributes),
        })),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface WireValue {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values: readonly WireValue[] };
}

type WireAttributes = readonly { readonly key: string; readonly value: WireValue }[];

interface WireSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly status?: { readonly code?: number };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: WireAttributes;
}

interface Traces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: WireAttributes };
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[];
  }[];
}

interface WirePoint {
  readonly count: number | string;
  readonly sum: number;
  readonly explicitBounds: readonly number[];
  readonly attributes: WireAttributes;
}

interface Metrics {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly histogram: { readonly dataPoints: readonly WirePoint[] };
      }[];
    }[];
  }[];
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function spanFrom({
  name,
  traceId,
  spanId,
  parentSpanId,
  kind,
  status,
  startTimeUnixNano,
  endTimeUnixNano,
  attributes,
}: WireSpan): SeenSpan {
  return {
    name,
    traceId,
    spanId,
    parentSpanId,
    kind,
    status: status?.code,
    startMs: Number(BigInt(startTimeUnixNano)) / 1e6,
    endMs: Number(BigInt(endTimeUnixNano)) / 1e6,
    attributes: valuesOf(attributes),
  };
}

function valuesOf(attributes: WireAttributes): Values {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));
}

function valueOf({ stringValue, intValue, doubleValue, boolValue, arrayValue }: WireValue): unknown {
  if (intValue !== undefined) return Number(intValue);
  return stringValue ?? doubleValue ?? boolValue ?? arrayValue?.values.map(valueOf);
}
