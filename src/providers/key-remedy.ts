/** Names where a value of a plugin's section comes from: `PluginHost.sourceOf`. */
export type SourceOf = (key: string) => string | undefined;

/**
 * Says where the keys of a provider are that the server has refused: "Check plugins.quill.apiKey, which comes from
 * QUILL_API_KEY."
 * @param id the plugin's id
 * @see docs/write-a-provider.md
 */
export function keyRemedy(id: string, sourceOf: SourceOf): string {
  const given = ['apiKey', 'keys'].filter((name) => sourceOf(name) !== undefined);
  return given.length === 0
    ? `Set plugins.${id}.apiKey.`
    : `Check ${given.map((name) => settingOf(id, name, sourceOf)).join(', and ')}.`;
}

/** Names a key of a provider's section, and where its value comes from unless that is the default. */
export function settingOf(id: string, name: string, sourceOf: SourceOf): string {
  const source = sourceOf(name);
  return `plugins.${id}.${name}${source === undefined ? '' : `, which comes from ${source}`}`;
}
