import { asDollars, asObject } from 'scriptorium/provider';
import type { Json } from 'scriptorium/provider';

/** Returns the cost of an answer, from its `usage`. With a vendor key of the user's own, `cost` is OpenRouter's fee alone. */
export function costIn(usage: Json): unknown {
  return withUpstream(usage, usage.cost, asObject(usage.cost_details)?.upstream_inference_cost);
}

/** Returns the cost of an answer, from OpenRouter's record of it. */
export function costOfRecord(record: Json): unknown {
  return withUpstream(record, record.total_cost, record.upstream_inference_cost);
}

/**
 * The sum to a billionth of a cent. With an own key, a fee without the vendor's part is not the whole cost. An amount that
 * cannot be true is returned as it is, so that it is refused.
 */
function withUpstream({ is_byok: isOwnKey }: Json, fee: unknown, upstream: unknown): unknown {
  if (isOwnKey !== true) return fee;
  const [ours, theirs] = [asDollars(fee ?? 0), asDollars(upstream)];
  if (ours === undefined) return fee;
  return theirs === undefined ? upstream : Math.round((ours + theirs) * 1e11) / 1e11;
}
