/** What stands in a message: plain text, or parts. */
export type Content = string | readonly Part[];

export type Part = TextPart | ImagePart | FilePart | AudioPart;

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  /** Everything up to here may be kept in the vendor's prompt cache, where it has one that must be asked. */
  readonly cache?: boolean;
}

export interface ImagePart {
  readonly type: 'image';
  /** An https address, or a `data:` URL. */
  readonly url: string;
  readonly detail?: 'auto' | 'low' | 'high';
}

export interface FilePart {
  readonly type: 'file';
  /** An https address, or a `data:` URL. */
  readonly url: string;
  readonly filename?: string;
}

export interface AudioPart {
  readonly type: 'audio';
  /** Base64. */
  readonly data: string;
  /** `wav`, `mp3` … */
  readonly format: string;
}

/** A tool call that an assistant has made, as it is sent back. */
export interface MadeCall {
  readonly id: string;
  readonly name: string;
  /** The model's JSON text, unparsed. */
  readonly arguments: string;
}

export interface SystemMessage {
  readonly role: 'system';
  readonly content: Content;
}

export interface UserMessage {
  readonly role: 'user';
  readonly content: Content;
}

/** At the end of a conversation it asks the model to go on from it, where the model can. */
export interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: Content;
  readonly toolCalls?: readonly MadeCall[];
  /** `result.reasoningDetails` of that answer, unmodified: some vendors refuse a conversation without them. */
  readonly reasoningDetails?: readonly unknown[];
}

/** What came of a tool call. */
export interface ToolMessage {
  readonly role: 'tool';
  readonly toolCallId: string;
  readonly content: Content;
}

export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

/** The text of a message's content; parts that are no text count as nothing. */
export function textIn(content: Content): string {
  return typeof content === 'string'
    ? content
    : content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
