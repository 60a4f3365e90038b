import type { Content, Message, Part } from '../../core/message.js';
import type { GenerationRequest } from '../../core/request.js';
import { mostTokens } from '../../core/token-bound.js';

/** What a prompt takes at most. */
export interface PromptBound {
  /** `Infinity` if it holds a file that only the vendor reads. */
  readonly tokens: number;
  readonly images: number;
  readonly hasMedia: boolean;
}

/** The tokens that a chat template puts around a conversation, and around each of its messages. */
const AROUND_ALL = 8;
const AROUND_MESSAGE = 8;
/** No vendor in use counts more for one image in its usual detail. */
const IMAGE = 5_000;
/** Base64 characters for a token: of a PDF, which holds text and pictures of its pages, and of sound. */
const FILE_CHARACTERS = 2;
const AUDIO_CHARACTERS = 50;

/** Bounds prompts. Conversations that a request has in common with an earlier one are not counted again. */
export class PromptBounds {
  private readonly counted = new WeakMap<readonly Message[], PromptBound>();

  boundOf(request: GenerationRequest): PromptBound {
    const { messages, tools = [], responseFormat, continuation, continueFrom = '' } = request;
    const known = this.counted.get(messages) ?? boundOfAll(messages);
    this.counted.set(messages, known);
    const added =
      continuation === undefined
        ? continueFrom
        : `${continuation.text}${continuation.anchor}\n${continuation.instruction}`;
    const formats = [...tools, ...(responseFormat?.type === 'json-schema' ? [responseFormat] : [])];
    const schemas = formats.length === 0 ? '' : JSON.stringify(formats);
    return { ...known, tokens: known.tokens + mostTokens(added + schemas) + (added === '' ? 0 : 2 * AROUND_MESSAGE) };
  }
}

function boundOfAll(messages: readonly Message[]): PromptBound {
  const parts = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
  return {
    tokens: messages.reduce((sum, message) => sum + AROUND_MESSAGE + tokensOf(message), AROUND_ALL),
    images: parts.filter(({ type }) => type === 'image').length,
    hasMedia: parts.some(({ type }) => type !== 'text'),
  };
}

function tokensOf(message: Message): number {
  const { content } = message;
  if (message.role !== 'assistant') return tokensIn(content);
  const { toolCalls = [], reasoningDetails = [] } = message;
  const extras = [...toolCalls, ...reasoningDetails];
  return tokensIn(content) + (extras.length === 0 ? 0 : mostTokens(JSON.stringify(extras)));
}

function tokensIn(content: Content): number {
  return typeof content === 'string' ? mostTokens(content) : content.reduce((sum, part) => sum + tokensOfPart(part), 0);
}

function tokensOfPart(part: Part): number {
  switch (part.type) {
    case 'text':
      return mostTokens(part.text);
    case 'image':
      return IMAGE;
    case 'file':
      return part.url.startsWith('data:') ? Math.ceil(part.url.length / FILE_CHARACTERS) : Infinity;
    case 'audio':
      return Math.ceil(part.data.length / AUDIO_CHARACTERS);
    default:
      return part satisfies never;
  }
}
