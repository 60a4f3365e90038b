import type { Content, Message, Part } from '../../core/message.js';
import type { GenerationRequest } from '../../core/request.js';
import { mostTokens } from '../../core/token-bound.js';

/** What a prompt takes at most. */
export interface PromptBound {
  /** `Infinity` if it holds a file that only the vendor reads, or a part that only the vendor knows. */
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

/** Bounds prompts. Conversations and options that a request has in common with an earlier one are not counted again. */
export class PromptBounds {
  private readonly counted = new WeakMap<object, PromptBound>();

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
    const own = this.boundOfOptions(request);
    return {
      tokens: known.tokens + mostTokens(added + schemas) + (added === '' ? 0 : 2 * AROUND_MESSAGE) + own.tokens,
      images: known.images + own.images,
      hasMedia: known.hasMedia || own.hasMedia,
    };
  }

  /** Options go into the body as they are: they may hold another conversation, a system text, tools … */
  private boundOfOptions({ providerOptions, provider }: GenerationRequest): PromptBound {
    const options = providerOptions[provider];
    if (options === undefined) return NOTHING;
    const known = this.counted.get(options) ?? boundOfJson(JSON.stringify(options));
    this.counted.set(options, known);
    return known;
  }
}

const NOTHING: PromptBound = { tokens: 0, images: 0, hasMedia: false };

/** The parts of a message that are not text, in the vendors' protocols. */
const PART = /"type":"(\w+)"/g;
const IMAGES: ReadonlySet<string> = new Set(['image', 'image_url', 'input_image']);
const FILES: ReadonlySet<string> = new Set([
  'file',
  'input_file',
  'document',
  'video',
  'video_url',
  'container_upload',
]);
const SOUNDS: ReadonlySet<string> = new Set(['input_audio', 'audio']);
/** Base64, in an address or by itself. */
const BASE64 = /"(?:data:[^",]*,)?[\w+/=-]{1000,}"/g;

function boundOfJson(json: string): PromptBound {
  let encoded = 0;
  const text = json.replace(BASE64, (data) => {
    encoded += data.length;
    return '""';
  });
  const parts = Array.from(text.matchAll(PART), ([, type = '']) => type);
  const images = parts.filter((type) => IMAGES.has(type)).length;
  const hasFile = parts.some((type) => FILES.has(type));
  const read = mostTokens(text) + images * IMAGE + Math.ceil(encoded / FILE_CHARACTERS);
  return {
    tokens: hasFile ? Infinity : read,
    images,
    hasMedia: images > 0 || hasFile || parts.some((type) => SOUNDS.has(type)),
  };
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
    case 'other':
      return Infinity;
    default:
      return part satisfies never;
  }
}
