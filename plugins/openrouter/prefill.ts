import { asObject } from 'scriptorium/plugin';
import type { GenerationRequest, Prefill } from 'scriptorium/plugin';

/** By a model's name, or a pattern with `*`, what it does with a text that it is to go on from. */
export type PrefillTable = Readonly<Record<string, Prefill>>;

/**
 * Models whose own vendor documents that they go on from an assistant's last message: Claude up to 4.5. Since 4.6 Anthropic
 * refuses such a message. Others may well do it on one host and not on the next, so they are told what to do instead.
 */
const KNOWN: PrefillTable = {
  'anthropic/claude-3*': 'exact',
  'anthropic/claude-sonnet-4': 'exact', 'anthropic/claude-opus-4': 'exact', 'anthropic/claude-opus-4.1': 'exact',
  'anthropic/claude-sonnet-4.5': 'exact', 'anthropic/claude-haiku-4.5': 'exact', 'anthropic/claude-opus-4.5': 'exact',
};

/**
 * What the request's model can do: by the user's table (the first entry that fits, exact names first), then by ours, and
 * else it is instructed. An answer that must keep a format, or comes in several choices, cannot be put together from
 * pieces; one that is thought about first cannot be begun for the model.
 */
export function prefillOf({ model, reasoning, responseFormat, providerOptions }: GenerationRequest, { id, prefill }: { readonly id: string; readonly prefill: PrefillTable | null }): Prefill {
  const options = providerOptions[id] ?? {};
  const format = asObject(options.response_format)?.type ?? responseFormat?.type ?? 'text';
  if (format !== 'text' || (typeof options.n === 'number' && options.n > 1)) return 'none';
  const found = (prefill === null ? undefined : lookUp(prefill, model)) ?? lookUp(KNOWN, model) ?? 'instructed';
  const thinks = (reasoning !== undefined && reasoning.effort !== 'none') || options.reasoning !== undefined;
  return found === 'exact' && thinks ? 'instructed' : found;
}

/** A variant (`:free`) does what its model does. */
function lookUp(table: PrefillTable, model: string): Prefill | undefined {
  const [plain = model] = model.split(':', 1);
  const names = [model, plain];
  const exact = names.find((name) => Object.hasOwn(table, name));
  if (exact !== undefined) return table[exact];
  return Object.entries(table).find(([pattern]) => pattern.includes('*') && names.some((name) => fits(name, pattern)))?.[1];
}

function fits(name: string, pattern: string): boolean {
  return new RegExp(`^${pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`).test(name);
}
