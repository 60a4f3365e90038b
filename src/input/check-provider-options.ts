import { isSection } from '../config/is-section.js';
import { noProvider } from '../core/provider-named.js';

/** What is wrong with `providerOptions`: a key that is no provider's id, or a value that is no object, which is not shown. */
export function problemOfProviderOptions(options: object, providerIds: readonly string[]): string | undefined {
  for (const [id, value] of Object.entries(options) as [string, unknown][]) {
    if (!providerIds.includes(id)) return `providerOptions: ${noProvider(id, providerIds)}`;
    if (value !== undefined && !isSection(value)) return `providerOptions.${id} must be an object.`;
  }
  return undefined;
}
