declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the one way to let a plugin's import add to a type
  namespace Scriptorium {
    /** Plugins add the options of their providers here, by id, so that importing one types them. */
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by plugins
    interface ProviderOptions {}
  }
}

/** By the id of a provider, what its codec puts into a request as it is. Keys that nobody has typed pass too. */
export type ProviderOptions = Scriptorium.ProviderOptions & Readonly<Record<string, Readonly<Record<string, unknown>>>>;
