/** Names where a value of a plugin's section comes from: `PluginHost.sourceOf`. */
export type SourceOf = (key: string) => string | undefined;

/**
 * Says where the keys of a provider are that the server has refused: "Check plugins.quill.apiKey, which comes from
 * QUILL_API_KEY."
 * @param id the plugin's id
 * @see docs/write-a-provider.md
 */
export function keyRemedy(id: string, sourceOf: SourceOf): string {
  const given = ['apiKey', 'keys'].flatMap((name) => {
    const source = sourceOf(name);
    return source === undefined ? [] : [`plugins.${id}.${name}, which comes from ${source}`];
  });
  return given.length === 0 ? `Set plugins.${id}.apiKey.` : `Check ${given.join(', and ')}.`;
}
