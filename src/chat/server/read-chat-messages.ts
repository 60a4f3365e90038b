import type { AssistantMessage, Content, MadeCall, Message, Part } from '../../core/message.js';
import { asList, asObject, asText } from '../json.js';
import type { Json } from '../json.js';
import { refuse } from './refuse.js';

/**
 * Reads the messages of a chat completion. `developer` is another name of `system`. What the vendor does not need for the
 * answer, such as a message's `name`, is left out.
 * @throws GenerationError `invalid-input` that names the message
 */
export function readChatMessages(messages: unknown): readonly Message[] {
  if (!Array.isArray(messages) || messages.length === 0) refuse('messages must be a list with at least one message');
  return messages.map((message: unknown, index) => readMessage(asObject(message) ?? {}, `messages[${index}]`));
}

function readMessage(message: Json, place: string): Message {
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: readContent(message.content, place) };
    case 'user':
      return { role: 'user', content: readContent(message.content, place) };
    case 'tool': {
      const toolCallId = asText(message.tool_call_id) ?? refuse(`${place}.tool_call_id must be a text`);
      return { role: 'tool', toolCallId, content: readContent(message.content, place) };
    }
    case 'assistant':
      return readAssistant(message, place);
    default:
      return refuse(`${place}.role must be "system", "developer", "user", "assistant" or "tool"`);
  }
}

function readAssistant(message: Json, place: string): AssistantMessage {
  const { content, tool_calls: calls, reasoning_details: details } = message;
  return {
    role: 'assistant',
    content: content == null ? '' : readContent(content, place),
    ...(calls != null && { toolCalls: readCalls(calls, `${place}.tool_calls`) }),
    ...(details != null && { reasoningDetails: asList(details) }),
  };
}

function readCalls(calls: unknown, place: string): readonly MadeCall[] {
  if (!Array.isArray(calls)) refuse(`${place} must be a list`);
  return calls.map((call: unknown, index) => readCall(call, `${place}[${index}]`));
}

function readCall(call: unknown, place: string): MadeCall {
  const { id, function: made } = asObject(call) ?? {};
  const { name, arguments: given } = asObject(made) ?? {};
  if (typeof id !== 'string' || typeof name !== 'string' || typeof given !== 'string')
    refuse(`${place} must have the texts id, function.name and function.arguments`);
  return { id, name, arguments: given };
}

function readContent(content: unknown, place: string): Content {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) refuse(`${place}.content must be a text or a list of parts`);
  return content.map((part: unknown, index) => readPart(asObject(part) ?? {}, `${place}.content[${index}]`));
}

function readPart(part: Json, place: string): Part {
  switch (part.type) {
    case 'text':
    case 'refusal': {
      const text = part[part.type];
      if (typeof text !== 'string') refuse(`${place}.${part.type} must be a text`);
      return { type: 'text', text, ...(part.cache_control != null && { cache: true }) };
    }
    case 'image_url': {
      const { url, detail } = asObject(part.image_url) ?? {};
      const known = detail === 'auto' || detail === 'low' || detail === 'high';
      return { type: 'image', url: urlIn(url, `${place}.image_url.url`), ...(known && { detail }) };
    }
    case 'file': {
      const { filename, file_data: url } = asObject(part.file) ?? {};
      return {
        type: 'file',
        url: urlIn(url, `${place}.file.file_data`),
        ...(typeof filename === 'string' && { filename }),
      };
    }
    case 'input_audio': {
      const { data, format } = asObject(part.input_audio) ?? {};
      if (typeof data !== 'string' || typeof format !== 'string')
        refuse(`${place}.input_audio must have the texts data and format`);
      return { type: 'audio', data, format };
    }
    default: {
      const type = asText(part.type);
      if (type === undefined || type === '')
        refuse(`${place}.type must be "text", "image_url", "file", "input_audio" or another kind of the vendor's`);
      return { type: 'other', raw: { ...part, type } };
    }
  }
}

function urlIn(value: unknown, place: string): string {
  return asText(value) ?? refuse(`${place} must be an address or a data: URL`);
}
