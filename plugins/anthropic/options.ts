/** Anything else that a request's body may hold. */
type Further = Readonly<Record<string, unknown>>;

/**
 * What `providerOptions.anthropic` may hold: the fields of a request to the Messages API that a request has no field of its
 * own for, or that say more than ours. They go into the body as they are, each as a whole, and win over it. As of autumn
 * 2026; a field that is not here passes as well.
 */
export type AnthropicMessageOptions = Further & {
  readonly thinking?: AnthropicThinking;
  readonly output_config?: Further & {
    readonly effort?: 'low' | 'medium' | 'high' | 'xhigh' | 'max';
    readonly format?: { readonly type: 'json_schema'; readonly schema: Readonly<Record<string, unknown>> };
  };
  readonly tool_choice?: AnthropicToolChoice;
  /** Tools of the vendor's own (`web_search_20260318`, …) beside functions. In place of the request's. */
  readonly tools?: readonly Further[];
  /** Marks the last block that can be cached. */
  readonly cache_control?: AnthropicCacheControl;
  readonly metadata?: { readonly user_id?: string };
  readonly service_tier?: 'auto' | 'standard_only';
  /** Where the model runs. */
  readonly inference_geo?: string;
  readonly container?: string | Further;
  readonly context_management?: Further;
  readonly mcp_servers?: readonly Further[];
  readonly top_k?: number;
};

export type AnthropicThinking = Further &
  /** At least 1024 and less than the token cap. Up to Claude 4.6. */
  (
    | { readonly type: 'enabled'; readonly budget_tokens: number; readonly display?: 'summarized' | 'omitted' }
    /** From Claude 4.6 on. */
    | { readonly type: 'adaptive'; readonly display?: 'summarized' | 'omitted' }
    | { readonly type: 'disabled' }
  );

export type AnthropicToolChoice =
  | { readonly type: 'auto' | 'any'; readonly disable_parallel_tool_use?: boolean }
  | { readonly type: 'tool'; readonly name: string; readonly disable_parallel_tool_use?: boolean }
  | { readonly type: 'none' };

export interface AnthropicCacheControl {
  readonly type: 'ephemeral';
  readonly ttl?: '5m' | '1h';
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the one way to add to the type of `providerOptions`
  namespace Scriptorium {
    interface ProviderOptions {
      readonly anthropic?: AnthropicMessageOptions;
    }
  }
}
