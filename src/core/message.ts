/** The content of a message: plain text, or parts. */
export type Content = string | readonly Part[];

/** A part of a message's content. */
export type Part = TextPart | ImagePart | FilePart | AudioPart | OtherPart;

/** A text in a message. */
export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  /** Marks the end of a prefix for the vendor's prompt cache, if that cache needs explicit marks. */
  readonly cache?: boolean;
}

/** An image in a message. */
export interface ImagePart {
  readonly type: 'image';
  /** An https address or a `data:` URL. */
  readonly url: string;
  readonly detail?: 'auto' | 'low' | 'high';
}

/** A file in a message. */
export interface FilePart {
  readonly type: 'file';
  /** An https address or a `data:` URL. */
  readonly url: string;
  readonly filename?: string;
}

/** A sound recording in a message. */
export interface AudioPart {
  readonly type: 'audio';
  /** Base64. */
  readonly data: string;
  /** `wav`, `mp3` … */
  readonly format: string;
}

/**
 * A part of a kind that only some vendors know, such as a video. Providers of chat completions send it as it is; others refuse
 * it. Its tokens are not known before the vendor has counted them.
 */
export interface OtherPart {
  readonly type: 'other';
  /** The part in the vendor's own form: `{ type: 'video_url', video_url: { url } }`. */
  readonly raw: Readonly<Record<string, unknown>> & { readonly type: string };
}

/** A tool call of an earlier answer, as sent back in the conversation. */
export interface MadeCall {
  readonly id: string;
  readonly name: string;
  /** The model's JSON text, unparsed. */
  readonly arguments: string;
}

/** Instructions to the model for the whole conversation. */
export interface SystemMessage {
  readonly role: 'system';
  readonly content: Content;
}

/** A message to the model. */
export interface UserMessage {
  readonly role: 'user';
  readonly content: Content;
}

/** An answer of the model. As the last message, it asks the model to continue it, if the model can. */
export interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: Content;
  readonly toolCalls?: readonly MadeCall[];
  /** The unmodified `result.reasoningDetails` of that answer. Some vendors refuse a conversation without them. */
  readonly reasoningDetails?: readonly unknown[];
}

/** The result of a tool call. */
export interface ToolMessage {
  readonly role: 'tool';
  readonly toolCallId: string;
  readonly content: Content;
}

/** A message of a conversation. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/** Returns the text of a message's content. Other parts are ignored. */
export function textIn(content: Content): string {
  return typeof content === 'string'
    ? content
    : content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
