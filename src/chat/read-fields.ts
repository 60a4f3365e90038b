import { asList, asObject } from './json.js';

type IsRead = (value: unknown) => boolean;

/** The fields of one level of a chunk. */
export interface ReadFields {
  /** What a warning calls the level; undefined where what is not known stands beside the answer, and is nobody's content. */
  readonly level: 'choice' | 'delta' | undefined;
  /** Fields that become events, with the shapes in which they do. */
  readonly fields: ReadonlyMap<string, IsRead>;
  /** Fields that are known, and are kept as they are. */
  readonly kept: ReadonlySet<string>;
}

const always: IsRead = () => true;
const isText: IsRead = (value) => typeof value === 'string';
const isTextOrNumber: IsRead = (value) => typeof value === 'string' || typeof value === 'number';
const areObjects: IsRead = (value) =>
  Array.isArray(value) && asList(value).every((each) => asObject(each) !== undefined);

export const READ_OF_CHUNK: ReadFields = {
  level: undefined,
  fields: new Map([
    ['choices', always],
    ['error', always],
  ]),
  kept: new Set(),
};

export const READ_OF_CHOICE: ReadFields = {
  level: 'choice',
  fields: new Map([
    ['index', isTextOrNumber],
    ['delta', always],
    ['message', always],
    ['text', isText],
    ['finish_reason', isText],
    ['error', always],
    ['logprobs', always],
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
  fields: new Map([
    ['role', isText],
    ['content', always],
    ['reasoning', isText],
    ['reasoning_content', isText],
    ['reasoning_details', Array.isArray],
    ['refusal', isText],
    ['tool_calls', always],
    ['function_call', always],
    ['annotations', areObjects],
    ['images', Array.isArray],
    ['audio', always],
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
