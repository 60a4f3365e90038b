import { asObject, prefillFrom } from 'scriptorium/provider';
import type { GenerationRequest, Prefill, PrefillTable } from 'scriptorium/provider';
import type { Endpoint } from './endpoint.js';
import { isThinking } from './thinking.js';

/** Claude up to 4.5 goes on from an assistant's last message; since 4.6 Anthropic refuses such a message. */
const KNOWN: PrefillTable = {
  'claude-2*': 'exact',
  'claude-instant*': 'exact',
  'claude-3*': 'exact',
  'claude-sonnet-4-0*': 'exact',
  'claude-sonnet-4-2*': 'exact',
  'claude-sonnet-4-5*': 'exact',
  'claude-opus-4-0*': 'exact',
  'claude-opus-4-2*': 'exact',
  'claude-opus-4-1*': 'exact',
  'claude-opus-4-5*': 'exact',
  'claude-haiku-4-5*': 'exact',
};

/**
 * What the request's model can do: by the user's table, then by ours, and else it is instructed. An answer that must keep a
 * format cannot be put together from pieces; one that is thought about first cannot be begun for the model.
 */
export function prefillOf(request: GenerationRequest, { id, prefill }: Pick<Endpoint, 'id' | 'prefill'>): Prefill {
  if (asObject(request.providerOptions[id]?.output_config)?.format != null) return 'none';
  const found = prefillFrom([prefill ?? {}, KNOWN], request, id);
  return found === 'exact' && isThinking(request, id) ? 'instructed' : found;
}
