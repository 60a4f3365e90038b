import type { ModelPrice } from './price.js';
import type { Usage } from './usage.js';

/**
 * A model that a provider offers. Only the id is always present; fields that the provider does not report are left out.
 */
export interface ModelInfo {
  readonly id: string;
  /** The vendor's permanent name of the model, where `id` may be an alias. */
  readonly canonicalSlug?: string;
  readonly name?: string;
  /** Tokens. */
  readonly contextLength?: number;
  /** Tokens. */
  readonly maxOutputTokens?: number;
  /** Left out if the price is unknown or differs from request to request. */
  readonly price?: ModelPrice;
  /** Whether prompt and answer are free. Left out if `price` is. */
  readonly isFree?: boolean;
  /** `text`, `image`, `audio`, `file`, `video` … */
  readonly inputModalities?: readonly string[];
  readonly outputModalities?: readonly string[];
  /** Parameters by the vendor's names. At least one of the model's hosts supports each. */
  readonly supportedParameters?: readonly string[];
  readonly capabilities?: ModelCapabilities;
  /** The date of the model's removal, in the vendor's format. */
  readonly expirationDate?: string;
  /** The source of this information: a request just now, the last answer, or the list in the package. */
  readonly source?: 'live' | 'cache' | 'snapshot';
  /** The time at which the provider reported it, epoch milliseconds. */
  readonly asOf?: number;
  /** The vendor's own object. */
  readonly raw?: Readonly<Record<string, unknown>>;
}

/** The abilities of a model beyond text. */
export interface ModelCapabilities {
  readonly tools: boolean;
  readonly structuredOutputs: boolean;
  readonly reasoning: boolean;
  /** Images in the prompt. */
  readonly vision: boolean;
  /** Audio in the prompt or in the answer. */
  readonly audio: boolean;
  /** Files in the prompt. */
  readonly files: boolean;
}

/** Chooses between a live and a stored list of models. */
export interface ModelsOptions {
  /** Always ask the provider, and fail if that is not possible. */
  readonly fresh?: boolean | undefined;
  /** Send nothing: use the last answer, or the list in the package. */
  readonly offline?: boolean | undefined;
}

/** A provider's information about the key in use. */
export interface AccountInfo {
  readonly label?: string;
  /** Whether the account has never bought credit. */
  readonly isFreeTier?: boolean;
  /** US dollars that the key may spend in total, or in each period of `limitReset`. Undefined without a cap. */
  readonly limitUsd?: number;
  /** The period after which the cap resets: `daily`, `weekly` or `monthly`. */
  readonly limitReset?: string;
  /** US dollars left under the key's own cap. Undefined without a cap. */
  readonly remainingUsd?: number;
  /** US dollars spent in total. The other three cover the current day, week and month (UTC). */
  readonly usageUsd?: number;
  readonly usageDailyUsd?: number;
  readonly usageWeeklyUsd?: number;
  readonly usageMonthlyUsd?: number;
  /** Requests of the current day (UTC), if the vendor limits them. */
  readonly dailyRequests?: { readonly used: number; readonly limit: number; readonly remaining: number };
  /** Requests per interval such as `10s`, if the provider reports a limit. */
  readonly rateLimit?: { readonly requests: number; readonly interval: string };
  /** In the vendor's date format. */
  readonly expiresAt?: string;
  /** Whether the key manages other keys and cannot generate. */
  readonly isManagementKey?: boolean;
  /** The vendor's own object. */
  readonly raw?: Readonly<Record<string, unknown>>;
}

/** The account's credit, in US dollars. */
export interface CreditsInfo {
  /** All credit ever bought. */
  readonly totalUsd: number;
  readonly usedUsd: number;
  readonly remainingUsd: number;
}

/** A provider's stored record of one answer. */
export interface GenerationInfo {
  /** The vendor's id of the answer: `responseId` of an attempt. */
  readonly id: string;
  readonly model?: string;
  /** The host that answered, if the provider forwards requests to others. */
  readonly host?: string;
  /** In the vendor's date format. */
  readonly createdAt?: string;
  /** Tokens and cost. */
  readonly usage?: Usage;
  /** Time to the first token. */
  readonly latencyMs?: number;
  readonly generationMs?: number;
  readonly finishReason?: string;
  readonly wasStreamed?: boolean;
  readonly wasCancelled?: boolean;
  /** The vendor's own object. */
  readonly raw?: Readonly<Record<string, unknown>>;
}
