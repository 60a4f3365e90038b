/** A model that a provider offers. */
export interface ModelInfo {
  readonly id: string;
  readonly name?: string;
  /** Tokens. */
  readonly contextLength?: number;
  /** Tokens. */
  readonly maxOutputTokens?: number;
  /** US dollars a token, as exact decimal texts. */
  readonly price?: { readonly prompt: string; readonly completion: string };
}

/** What a provider says about the key in use. */
export interface AccountInfo {
  readonly label?: string;
  readonly isFreeTier?: boolean;
  /** US dollars left before the key's own cap; undefined where it has none. */
  readonly remainingUsd?: number;
  /** Requests to free models today (UTC). */
  readonly freeRequests?: { readonly used: number; readonly limit: number; readonly remaining: number };
}
