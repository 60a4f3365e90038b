import type { ModelPrice } from './price.js';
import type { Usage } from './usage.js';

/** A model that a provider offers. Only the id is sure; what a provider does not tell is left out. */
export interface ModelInfo {
  readonly id: string;
  /** The vendor's permanent name of it, where `id` may be an alias. */
  readonly canonicalSlug?: string;
  readonly name?: string;
  /** Tokens. */
  readonly contextLength?: number;
  /** Tokens. */
  readonly maxOutputTokens?: number;
  /** Left out where it is unknown, or not the same for each request. */
  readonly price?: ModelPrice;
  /** Whether prompt and answer cost nothing. Left out where the price is. */
  readonly isFree?: boolean;
  /** `text`, `image`, `audio`, `file`, `video` … */
  readonly inputModalities?: readonly string[];
  readonly outputModalities?: readonly string[];
  /** As the vendor names them; each is known to one of the model's hosts at least. */
  readonly supportedParameters?: readonly string[];
  readonly capabilities?: ModelCapabilities;
  /** When it will be taken away, as the vendor writes the date. */
  readonly expirationDate?: string;
  /** Where this comes from: the provider just now, its last answer, or a list that came with the package. */
  readonly source?: 'live' | 'cache' | 'snapshot';
  /** When the provider said so, epoch milliseconds. */
  readonly asOf?: number;
  /** The vendor's own object. */
  readonly raw?: Readonly<Record<string, unknown>>;
}

/** What a model takes or does beyond text. */
export interface ModelCapabilities {
  readonly tools: boolean;
  readonly structuredOutputs: boolean;
  readonly reasoning: boolean;
  /** Images in the prompt. */
  readonly vision: boolean;
  /** Sound in the prompt or in the answer. */
  readonly audio: boolean;
  /** Files in the prompt. */
  readonly files: boolean;
}

/** How a list of models is to be had. */
export interface ModelsOptions {
  /** Ask the provider now, and fail where it cannot be asked. */
  readonly fresh?: boolean | undefined;
  /** Send nothing: what is known from before, or came with the package. */
  readonly offline?: boolean | undefined;
}

/** What a provider says about the key in use. */
export interface AccountInfo {
  readonly label?: string;
  /** No credit was ever bought. */
  readonly isFreeTier?: boolean;
  /** US dollars the key may spend in all, or in each period of `limitReset`; undefined where it has no cap. */
  readonly limitUsd?: number;
  /** `daily`, `weekly`, `monthly`: when the cap begins anew. */
  readonly limitReset?: string;
  /** US dollars left before the key's own cap; undefined where it has none. */
  readonly remainingUsd?: number;
  /** US dollars spent, in all and in the present day, week and month (UTC). */
  readonly usageUsd?: number;
  readonly usageDailyUsd?: number;
  readonly usageWeeklyUsd?: number;
  readonly usageMonthlyUsd?: number;
  /** Requests to free models today (UTC). */
  readonly freeRequests?: { readonly used: number; readonly limit: number; readonly remaining: number };
  /** Requests in an interval such as `10s`, where the provider names any. */
  readonly rateLimit?: { readonly requests: number; readonly interval: string };
  /** As the vendor writes the date. */
  readonly expiresAt?: string;
  /** It manages other keys and cannot generate. */
  readonly isManagementKey?: boolean;
  /** The vendor's own object. */
  readonly raw?: Readonly<Record<string, unknown>>;
}

/** The account's credit, in US dollars. */
export interface CreditsInfo {
  /** Ever bought. */
  readonly totalUsd: number;
  readonly usedUsd: number;
  readonly remainingUsd: number;
}

/** What a provider has in its books about one answer. */
export interface GenerationInfo {
  /** The vendor's id of the answer: `responseId` of an attempt. */
  readonly id: string;
  readonly model?: string;
  /** Who answered, where the provider passes requests on. */
  readonly host?: string;
  /** As the vendor writes the date. */
  readonly createdAt?: string;
  /** Tokens and cost. */
  readonly usage?: Usage;
  /** To the first token. */
  readonly latencyMs?: number;
  readonly generationMs?: number;
  readonly finishReason?: string;
  readonly wasStreamed?: boolean;
  readonly wasCancelled?: boolean;
  /** The vendor's own object. */
  readonly raw?: Readonly<Record<string, unknown>>;
}
