import { asList, asObject, asText, chatCap } from 'scriptorium/provider';
import type { Billing, GenerationRequest } from 'scriptorium/provider';

/** With a vendor key of the user's own, OpenRouter charges this share of what the model would have cost. */
const OWN_KEY_FEE = 0.05;

/** Plugins that cost nothing beside the tokens. */
const FREE_PLUGINS: ReadonlySet<unknown> = new Set(['response-healing', 'context-compression', 'moderation']);

/** Options that cost what no catalogue says: searches, presets with options of their own, tools of OpenRouter's own … */
const PRICED_OPTIONS = ['web_search_options', 'preset', 'tools', 'prediction'] as const;

/** How OpenRouter bills a request: by the model that answers, of those that it may choose from. */
export function billingOf({ model, maxTokens, providerOptions }: GenerationRequest, id: string): Billing {
  const options = asObject(providerOptions[id]) ?? {};
  const models = [asText(options.model) ?? model, ...asList(options.models).flatMap((name) => asText(name) ?? [])];
  const cap = chatCap({ max_tokens: maxTokens, ...options });
  const tier = asText(options.service_tier) ?? 'default';
  const unknownFees = [
    ...PRICED_OPTIONS.filter((name) => options[name] !== undefined),
    ...(asList(options.plugins).some((plugin) => !FREE_PLUGINS.has(asObject(plugin)?.id)) ? ['plugins'] : []),
    ...models.filter((name) => name.endsWith(':online')),
    ...(['auto', 'default', 'flex'].includes(tier) ? [] : ['service_tier']),
    ...(cap.answers > 1 && cap.outputTokens === Infinity ? ['n'] : []),
  ];
  const hasUnknownFees = unknownFees.length > 0;
  return {
    models,
    feeShare: OWN_KEY_FEE,
    isFree: !hasUnknownFees && models.every((name) => name.endsWith(':free')),
    hasUnknownFees,
    outputTokens: cap.outputTokens,
    ...(hasUnknownFees && { unknownFees }),
  };
}
