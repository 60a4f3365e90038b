import { asNumber, asObject } from 'scriptorium/provider';
import type { Json } from 'scriptorium/provider';

/** What an answer cost, from its `usage`. With a vendor key of the user's own, `cost` is OpenRouter's fee alone. */
export function costIn(usage: Json): number | undefined {
  return withUpstream(usage, usage.cost, asObject(usage.cost_details)?.upstream_inference_cost);
}

/** What an answer cost, from OpenRouter's record of it. */
export function costOfRecord(record: Json): number | undefined {
  return withUpstream(record, record.total_cost, record.upstream_inference_cost);
}

/** The sum to a billionth of a cent. With an own key, a fee without the vendor's part is not the whole cost. */
function withUpstream({ is_byok: isOwnKey }: Json, fee: unknown, upstream: unknown): number | undefined {
  const [ours, theirs] = [asNumber(fee), asNumber(upstream)];
  if (isOwnKey !== true) return ours;
  return theirs === undefined ? undefined : Math.round(((ours ?? 0) + theirs) * 1e11) / 1e11;
}
