import { asErrorText, asList, asObject, asText, keyRemedy, settingOf, snippet } from 'scriptorium/provider';
import type { Json, Remedies, SourceOf } from 'scriptorium/provider';

/** What to do about a failure. @param sourceOf where the values of the plugin's section come from */
export function remediesOf(id: string, sourceOf: SourceOf): Remedies {
  const address = `Check the base URL (${settingOf(id, 'baseUrl', sourceOf)}), and any proxy before OpenRouter.`;
  return {
    authentication: keyRemedy(id, sourceOf),
    'payment-required': 'Add credit, or ask for fewer tokens with maxTokens.',
    'not-found': 'Check the name of the model.',
    'unknown-model': 'Check the name of the model, or take another one.',
    'wrong-address': address,
    'context-length': 'Shorten the prompt or take a model with a longer context.',
  };
}

const POLICY =
  'Change the privacy settings of the account (https://openrouter.ai/settings/privacy), or data_collection and zdr in providerOptions.';
const CONSTRAINTS =
  'Loosen provider in providerOptions (only, order, ignore, require_parameters, max_price), or leave out what no host of the model supports.';

/** By `availability.code`, which says why no host of a model takes a request. */
const BY_AVAILABILITY: ReadonlyMap<string, string> = new Map([
  ['privacy_restricted', POLICY],
  ['constraint_filtered', CONSTRAINTS],
  ['region_restricted', 'Take another model: the hosts of this one do not serve your region.'],
  ['free_variant_ended', 'Take the model without ":free", or another one.'],
]);

/** The same by the words, where there is no such code. */
const BY_WORDS: readonly (readonly [RegExp, string])[] = [
  [/data policy|privacy settings|zero data retention/i, POLICY],
  [/no (endpoints|providers) found (that|matching)|no allowed providers/i, CONSTRAINTS],
  [/key limit exceeded/i, 'Raise the limit of the key (https://openrouter.ai/settings/keys).'],
];

/**
 * What to do about a refusal that OpenRouter explains. Undefined for any other.
 * @param affordable the tokens that the account can pay for
 */
export function remedyOfRefusal(error: Json, affordable: number | undefined): string | undefined {
  if (affordable !== undefined && affordable > 0)
    return `Ask for at most ${affordable} tokens with maxTokens, or add credit.`;
  const availability = asObject(error.availability) ?? {};
  const byCode = BY_AVAILABILITY.get(asText(availability.code) ?? '');
  const others = asList(availability.fallback_models)
    .map(asErrorText)
    .filter((name) => name !== undefined);
  if (byCode !== undefined) return byCode;
  if (others.length > 0) return `Take another model, such as ${snippet(others.slice(0, 3).join(', '))}.`;
  const message = asText(error.message) ?? '';
  return BY_WORDS.find(([words]) => words.test(message))?.[1];
}
