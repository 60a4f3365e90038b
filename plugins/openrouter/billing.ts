import { asList, asNumber, asObject, asText } from 'scriptorium/provider';
import type { Billing, GenerationRequest } from 'scriptorium/provider';

/** With a vendor key of the user's own, OpenRouter charges this share of what the model would have cost. */
const OWN_KEY_FEE = 0.05;

/** Plugins that cost nothing beside the tokens. */
const FREE_PLUGINS: ReadonlySet<unknown> = new Set(['response-healing', 'context-compression', 'moderation']);

/** Options that cost what no catalogue says: searches, presets with options of their own, tools of OpenRouter's own. */
const PRICED_OPTIONS = ['web_search_options', 'preset', 'tools'] as const;

/** How OpenRouter bills a request: by the model that answers, of those that it may choose from. */
export function billingOf({ model, maxTokens, providerOptions }: GenerationRequest, id: string): Billing {
  const options = asObject(providerOptions[id]) ?? {};
  const models = [asText(options.model) ?? model, ...asList(options.models).flatMap((name) => asText(name) ?? [])];
  const cap = asNumber(options.max_completion_tokens) ?? asNumber(options.max_tokens) ?? maxTokens;
  const tier = asText(options.service_tier) ?? 'default';
  const hasUnknownFees =
    PRICED_OPTIONS.some((name) => options[name] !== undefined) ||
    asList(options.plugins).some((plugin) => !FREE_PLUGINS.has(asObject(plugin)?.id)) ||
    models.some((name) => name.endsWith(':online')) ||
    !['auto', 'default', 'flex'].includes(tier);
  return {
    models,
    feeShare: OWN_KEY_FEE,
    isFree: !hasUnknownFees && models.every((name) => name.endsWith(':free')),
    hasUnknownFees,
    ...(cap !== undefined && { outputTokens: cap * Math.max(asNumber(options.n) ?? 1, 1) }),
  };
}
