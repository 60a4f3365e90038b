import type { FinishReason, ToolCall } from '../../core/events.js';
import type { GenerationResult } from '../../core/result.js';
import { chatUsage } from './chat-usage.js';

/** The names of an answer: its id, the time it was begun (epoch seconds), and the model as the client is to see it. */
export interface ChatHead {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

/**
 * Writes a result as the body of a chat completion. Neither `message` nor `content` nor `usage` is ever `null`, since
 * clients raise on it.
 * @example
 * ```ts
 * reply.send(chatAnswer(await pipeline.generate(input), { id: 'gen-1', created: 1_790_000_000, model: 'openai/gpt-5' }));
 * ```
 */
export function chatAnswer(result: GenerationResult, { id, created, model }: ChatHead): object {
  const { text, reasoning, reasoningDetails, toolCalls, annotations, images, finishReason, usage, provider } = result;
  return {
    id,
    object: 'chat.completion',
    created,
    model,
    provider,
    // Some SDKs refuse an answer without it.
    system_fingerprint: null,
    choices: [
      {
        index: 0,
        finish_reason: chatFinishReason(finishReason),
        native_finish_reason: finishReason.raw,
        logprobs: null,
        message: {
          role: 'assistant',
          content: text,
          refusal: null,
          ...(reasoning !== '' && { reasoning }),
          ...(reasoningDetails.length > 0 && { reasoning_details: reasoningDetails }),
          ...(toolCalls.length > 0 && { tool_calls: toolCalls.map((call) => chatCall(call)) }),
          ...(annotations.length > 0 && { annotations }),
          ...(images.length > 0 && { images: images.map(chatImage) }),
        },
      },
    ],
    usage: chatUsage(usage),
  };
}

const FINISH_REASONS = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content_filter',
  'tool-calls': 'tool_calls',
  other: 'stop',
} as const satisfies Readonly<Record<FinishReason['unified'], string>>;

/** The reason in the words of the protocol, which has none for `other`; the vendor's own word stands beside it. */
export function chatFinishReason({ unified }: FinishReason): string {
  return FINISH_REASONS[unified];
}

/** A whole tool call. */
export function chatCall({ id, name, arguments: made }: ToolCall): object {
  return { id, type: 'function', function: { name, arguments: made } };
}

/** An image of an answer. */
export function chatImage(url: string): object {
  return { type: 'image_url', image_url: { url } };
}
