/** Anything else that a request's body may hold. OpenRouter lets unknown keys pass, but for those inside `provider`. */
type Further = Readonly<Record<string, unknown>>;

/**
 * What `providerOptions.openrouter` may hold: the fields of OpenRouter's chat completion that a request has no field of its
 * own for. They go into the body as they are and win over it. As of autumn 2026; a field that is not here passes as well.
 */
export type OpenRouterChatOptions = Further & {
  /** Models to try in order on any error; priced by the one that answers. */
  readonly models?: readonly string[];
  readonly provider?: OpenRouterRouting;
  readonly plugins?: readonly OpenRouterPlugin[];
  readonly preset?: string;
  readonly reasoning?: OpenRouterReasoning;
  readonly max_completion_tokens?: number;
  readonly logit_bias?: Readonly<Record<string, number>>;
  readonly logprobs?: boolean;
  /** 0 to 20. */
  readonly top_logprobs?: number;
  readonly prediction?: {
    readonly type: 'content';
    readonly content: string | readonly { readonly type: 'text'; readonly text: string }[];
  };
  readonly parallel_tool_calls?: boolean;
  readonly stop_server_tools_when?: readonly Further[];
  readonly structured_outputs?: boolean;
  readonly verbosity?: 'low' | 'medium' | 'high' | 'xhigh' | 'max';
  /** `flex` never falls back to the default tier. */
  readonly service_tier?: 'auto' | 'default' | 'fast' | 'flex' | 'priority' | 'scale' | null;
  /** At most 256 characters: requests with the same one stay with one upstream, for its prompt cache. */
  readonly session_id?: string;
  readonly trace?: Further & {
    readonly trace_id?: string;
    readonly trace_name?: string;
    readonly span_name?: string;
    readonly generation_name?: string;
    readonly parent_span_id?: string;
  };
  /** Your end user, hashed further up. */
  readonly user?: string;
  /** At most 16 pairs. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly cache_control?: OpenRouterCacheControl;
  readonly prompt_cache_key?: string;
  readonly prompt_cache_options?: Further;
  readonly modalities?: readonly ('text' | 'image' | 'audio')[];
  readonly image_config?: Further;
  readonly web_search_options?: Further;
  readonly x_search_filter?: Further;
  readonly debug?: { readonly echo_upstream_body?: boolean };
};

export interface OpenRouterCacheControl {
  readonly type: 'ephemeral';
  readonly ttl?: '5m' | '1h';
}

export type OpenRouterReasoning = Further & {
  /** Either this or `max_tokens`. */
  readonly effort?: 'max' | 'xhigh' | 'high' | 'medium' | 'low' | 'minimal' | 'none';
  readonly max_tokens?: number;
  readonly exclude?: boolean;
  readonly enabled?: boolean;
  readonly summary?: 'auto' | 'concise' | 'detailed';
  readonly context?: 'auto' | 'all_turns' | 'current_turn';
  readonly mode?: 'standard' | 'pro';
};

/** Which upstream serves a request. OpenRouter refuses a key that it does not know. */
export interface OpenRouterRouting {
  /** Slugs, tried in order; no load balancing, no staying with one. */
  readonly order?: readonly string[];
  readonly allow_fallbacks?: boolean;
  /** Only upstreams that know every parameter sent. */
  readonly require_parameters?: boolean;
  readonly data_collection?: 'allow' | 'deny';
  readonly zdr?: boolean;
  readonly enforce_distillable_text?: boolean;
  readonly only?: readonly string[];
  readonly ignore?: readonly string[];
  readonly quantizations?: readonly string[];
  readonly sort?: RoutingOrder | { readonly by: RoutingOrder; readonly partition?: 'model' | 'none' };
  /** Tokens a second; a number is the median. */
  readonly preferred_min_throughput?: number | RoutingPercentiles;
  /** Seconds; a number is the median. */
  readonly preferred_max_latency?: number | RoutingPercentiles;
  /** US dollars a million tokens (`prompt`, `completion`), a request, an image, an audio. */
  readonly max_price?: Readonly<
    Partial<Record<'prompt' | 'completion' | 'request' | 'image' | 'audio', number | string>>
  >;
}

type RoutingOrder = 'price' | 'throughput' | 'latency' | 'exacto';
type RoutingPercentiles = Readonly<Partial<Record<'p50' | 'p75' | 'p90' | 'p99', number>>>;

/** A plugin of OpenRouter's; each has options of its own. */
export type OpenRouterPlugin = Further & {
  readonly id:
    | 'web'
    | 'web-fetch'
    | 'file-parser'
    | 'response-healing'
    | 'context-compression'
    | 'moderation'
    | 'auto-router'
    | 'auto-beta-router'
    | 'pareto-router'
    | 'fusion'
    | 'switchyard-router'
    | (string & {});
  readonly enabled?: boolean;
};

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the one way to add to the type of `providerOptions`
  namespace Scriptorium {
    interface ProviderOptions {
      readonly openrouter?: OpenRouterChatOptions;
    }
  }
}
