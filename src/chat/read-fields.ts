import { asList, asObject } from './json.js';

type IsRead = (value: unknown) => boolean;

/** The fields of one level of a chunk. */
export interface ReadFields {
  /** What a warning calls the level; undefined where what is not known stands beside the answer, and is nobody's content. */
  readonly level: 'choice' | 'delta' | undefined;
  /** Fields that become events, or an error, whatever their shape. */
  readonly read: ReadonlySet<string>;
  /** Fields that become events if they have this shape. */
  readonly shapes: ReadonlyMap<string, IsRead>;
  /** Fields that are known, and are kept as they are. */
  readonly kept: ReadonlySet<string>;
}

const isText: IsRead = (value) => typeof value === 'string';
const areObjects: IsRead = (value) =>
  Array.isArray(value) && asList(value).every((each) => asObject(each) !== undefined);

export const READ_OF_CHUNK: ReadFields = {
  level: undefined,
  read: new Set(['choices', 'error']),
  shapes: new Map(),
  kept: new Set(),
};

export const READ_OF_CHOICE: ReadFields = {
  level: 'choice',
  read: new Set(['index', 'delta', 'message', 'error', 'logprobs']),
  shapes: new Map([
    ['text', isText],
    ['finish_reason', isText],
  ]),
  /** Of gateways, Azure, vLLM, SGLang, Together, Moonshot and llama.cpp. */
  kept: new Set([
    ...[
      'native_finish_reason',
      'stop_reason',
      'stop_sequence',
      'matched_stop',
      'seed',
      'token_ids',
      'prompt_token_ids',
    ],
    ...['content_filter_results', 'content_filter_result', 'content_filter_offsets', 'routed_experts', 'hidden_states'],
  ]),
};

export const READ_OF_DELTA: ReadFields = {
  level: 'delta',
  read: new Set(['role', 'content', 'tool_calls', 'function_call', 'audio']),
  shapes: new Map([
    ['reasoning', isText],
    ['reasoning_content', isText],
    ['reasoning_details', Array.isArray],
    ['refusal', isText],
    ['annotations', areObjects],
    ['images', Array.isArray],
  ]),
  /** Of LiteLLM, Mistral, Azure, vLLM, Zhipu, Moonshot, MiniMax and Google. */
  kept: new Set([
    ...['provider_specific_fields', 'thinking_blocks', 'prefix', 'context', 'end_turn', 'token_ids', 'padding', 'name'],
    ...['obfuscation', 'tool_call_id', 'partial', 'audio_content', 'extra_content', 'tool_plan', 'citations'],
  ]),
};

export const READ_OF_CALL: ReadonlySet<string> = new Set(['index', 'id', 'type', 'function']);
export const READ_OF_FUNCTION: ReadonlySet<string> = new Set(['name', 'arguments']);
export const READ_OF_IMAGE: ReadonlySet<string> = new Set(['type', 'image_url', 'url']);
