import { prefillFrom } from 'scriptorium/provider';
import type { GenerationRequest, Prefill, PrefillTable } from 'scriptorium/provider';

/**
 * Models whose own vendor documents that they go on from an assistant's last message: Claude up to 4.5. Since 4.6 Anthropic
 * refuses such a message. Others may well do it on one host and not on the next, so they are told what to do instead.
 */
const KNOWN: PrefillTable = {
  'anthropic/claude-3*': 'exact',
  'anthropic/claude-sonnet-4': 'exact',
  'anthropic/claude-opus-4': 'exact',
  'anthropic/claude-opus-4.1': 'exact',
  'anthropic/claude-sonnet-4.5': 'exact',
  'anthropic/claude-haiku-4.5': 'exact',
  'anthropic/claude-opus-4.5': 'exact',
};

/** What the request's model can do with a text to go on from: by the user's table, then by ours, and else it is instructed. */
export function prefillOf(
  request: GenerationRequest,
  { id, prefill }: { readonly id: string; readonly prefill: PrefillTable | null },
): Prefill {
  return prefillFrom([prefill ?? {}, KNOWN], request, id);
}
