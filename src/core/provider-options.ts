declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the one way to let a plugin's import add to a type
  namespace Scriptorium {
    /**
     * The options of each provider, by id. Plugins add theirs by declaration merging, so that importing one adds its
     * types.
     */
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by plugins
    interface ProviderOptions {}
  }
}

/** Options by provider id, which the provider's codec adds to a request unchanged. Untyped keys are allowed. */
export type ProviderOptions = Scriptorium.ProviderOptions & Readonly<Record<string, Readonly<Record<string, unknown>>>>;
