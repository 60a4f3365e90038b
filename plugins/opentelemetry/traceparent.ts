import type { SpanContext } from '@opentelemetry/api';

/**
 * The headers with the `traceparent` of W3C Trace Context (version 00), in place of any that is there. `tracestate` and
 * baggage are not sent: they may hold what is none of the vendor's business.
 */
export function withTraceparent(
  headers: Readonly<Record<string, string>>,
  { traceId, spanId, traceFlags }: SpanContext,
): Readonly<Record<string, string>> {
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'traceparent');
  return {
    ...Object.fromEntries(others),
    traceparent: `00-${traceId}-${spanId}-${(traceFlags & 1).toString().padStart(2, '0')}`,
  };
}
