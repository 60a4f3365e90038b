import type { FinishReason } from 'scriptorium';
import { finish, messages, piece, stream } from './fixture.js';
import type { Fixture, ServerName } from './fixture.js';

/** What a word for the end means, or `error` where the server has given the answer up. */
type Meaning = FinishReason['unified'] | 'error';

/** The words of one vendor for the end of an answer, as its documentation of autumn 2026 names them. */
interface Endings {
  readonly vendor: string;
  readonly server: ServerName;
  readonly words: Readonly<Partial<Record<Meaning, readonly string[]>>>;
}

const USUAL = {
  stop: ['stop'],
  length: ['length'],
  'content-filter': ['content_filter'],
  'tool-calls': ['tool_calls'],
} as const;

export const ENDINGS: readonly Endings[] = [
  { vendor: 'OpenAI, Azure', server: 'openai', words: { ...USUAL, 'tool-calls': ['tool_calls', 'function_call'] } },
  { vendor: 'Groq, Fireworks, Cerebras, Moonshot, MiniMax', server: 'groq', words: USUAL },
  { vendor: 'Together', server: 'together', words: { ...USUAL, stop: ['stop', 'eos'] } },
  { vendor: 'Mistral', server: 'mistral', words: { ...USUAL, length: ['length', 'model_length'], error: ['error'] } },
  { vendor: 'DeepSeek', server: 'deepseek', words: { ...USUAL, error: ['insufficient_system_resource'] } },
  { vendor: 'vLLM', server: 'vllm', words: { ...USUAL, error: ['abort', 'error'] } },
  { vendor: 'llama.cpp, Ollama', server: 'llama-cpp', words: { ...USUAL, other: ['load'] } },
  {
    vendor: 'LM Studio',
    server: 'lm-studio',
    words: {
      stop: ['stop', 'eosFound', 'stopStringFound'],
      length: ['length', 'maxPredictedTokensReached', 'contextLengthReached'],
      'tool-calls': ['tool_calls', 'toolCalls'],
      error: ['userStopped', 'modelUnloaded', 'failed'],
    },
  },
  {
    vendor: 'Google',
    server: 'generic',
    words: {
      stop: ['stop', 'STOP', 'FINISH_REASON_STOP'],
      length: ['length', 'MAX_TOKENS'],
      'content-filter': [
        ...['content_filter', 'content_filter: RECITATION', 'SAFETY', 'RECITATION', 'BLOCKLIST', 'PROHIBITED_CONTENT'],
        ...['SPII', 'IMAGE_SAFETY', 'IMAGE_PROHIBITED_CONTENT', 'IMAGE_RECITATION'],
      ],
      'tool-calls': ['tool_calls'],
      other: ['OTHER', 'LANGUAGE', 'MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL'],
    },
  },
  {
    vendor: 'Cohere',
    server: 'generic',
    words: {
      stop: ['COMPLETE', 'STOP_SEQUENCE'],
      length: ['MAX_TOKENS', 'ERROR_LIMIT'],
      'content-filter': ['ERROR_TOXIC'],
      'tool-calls': ['TOOL_CALL'],
      error: ['ERROR', 'TIMEOUT', 'USER_CANCEL'],
    },
  },
  {
    vendor: 'xAI',
    server: 'generic',
    words: {
      stop: ['stop', 'REASON_STOP'],
      length: ['length', 'REASON_MAX_LEN', 'REASON_MAX_CONTEXT'],
      'tool-calls': ['tool_calls', 'REASON_TOOL_CALLS'],
      error: ['REASON_TIME_LIMIT'],
    },
  },
  {
    vendor: 'Amazon Bedrock',
    server: 'generic',
    words: {
      stop: ['end_turn', 'stop_sequence', 'FINISH', 'endoftext'],
      length: ['max_tokens', 'model_context_window_exceeded'],
      'content-filter': ['guardrail_intervened', 'content_filtered'],
      'tool-calls': ['tool_use'],
      other: ['malformed_model_output', 'malformed_tool_use'],
    },
  },
  {
    vendor: 'Zhipu',
    server: 'generic',
    words: {
      ...USUAL,
      length: ['length', 'model_context_window_exceeded'],
      'content-filter': ['sensitive'],
      error: ['network_error'],
    },
  },
  {
    vendor: 'Perplexity, Qwen',
    server: 'generic',
    words: { stop: ['stop'], length: ['length'], 'tool-calls': ['tool_calls'] },
  },
  {
    vendor: 'Hugging Face',
    server: 'generic',
    words: { stop: ['stop', 'eos_token', 'stop_sequence'], length: ['length'], 'tool-calls': ['tool_calls'] },
  },
  { vendor: 'OpenRouter', server: 'openrouter', words: { ...USUAL, error: ['error'] } },
  {
    vendor: 'Anthropic',
    server: 'anthropic',
    words: {
      stop: ['end_turn', 'stop_sequence'],
      length: ['max_tokens', 'model_context_window_exceeded'],
      'content-filter': ['refusal'],
      'tool-calls': ['tool_use'],
      other: ['pause_turn', 'compaction'],
    },
  },
];

/** An answer of a vendor that ends with a word. */
export function endingWith({ vendor, server }: Endings, word: string, meaning: Meaning): Fixture {
  const hasCall = meaning === 'tool-calls';
  const outcome = {
    ...(!hasCall && { text: 'Once.' }),
    ...(hasCall && { calls: [{ name: 'now', arguments: '{}' }] }),
    ...(meaning !== 'error' && { finish: [meaning, word] as const }),
  };
  const head = { vendor, title: word, comesOut: meaning, outcome };
  if (server === 'anthropic')
    return messages(head, ...blocks(hasCall), { type: 'message_delta', delta: { stop_reason: word } });
  const call = { tool_calls: [{ index: 0, id: 'c', function: { name: 'now', arguments: '{}' } }] };
  return stream({ ...head, server }, piece(hasCall ? call : { content: 'Once.' }), finish(word));
}

function blocks(hasCall: boolean) {
  const content_block = hasCall
    ? { type: 'tool_use', id: 'c', name: 'now', input: {} }
    : { type: 'text', text: 'Once.' };
  return [
    { type: 'message_start', message: { id: 'msg_1', content: [] } },
    { type: 'content_block_start', index: 0, content_block },
  ];
}

/** Each word of each vendor, with its meaning. */
export const ENDING_WORDS = ENDINGS.flatMap((of) =>
  (Object.entries(of.words) as [Meaning, readonly string[]][]).flatMap(([meaning, words]) =>
    words.map((word): [string, string, Meaning, Fixture] => [of.vendor, word, meaning, endingWith(of, word, meaning)]),
  ),
);
