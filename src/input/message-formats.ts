import { isSection } from '../config/is-section.js';

/**
 * Checks an input's messages. Returns the problem and its place; undefined if there is none. Never repeats their
 * content.
 */
export function problemOfMessages(messages: readonly unknown[]): string | undefined {
  for (const [index, message] of messages.entries()) {
    const problem = problemOfMessage(message);
    if (problem !== undefined) return `messages[${index}]${problem}`;
  }
  return undefined;
}

function problemOfMessage(message: unknown): string | undefined {
  if (!isRecord(message)) return ' must be an object with role and content.';
  const { role, content, toolCallId, toolCalls, reasoningDetails } = message;
  switch (role) {
    case 'system':
    case 'user':
      break;
    case 'assistant':
      if (toolCalls !== undefined && !isListOf(toolCalls, isMadeCall))
        return '.toolCalls must be a list of { id, name, arguments }, all strings.';
      if (reasoningDetails !== undefined && !Array.isArray(reasoningDetails))
        return '.reasoningDetails must be a list, as returned in a result.';
      break;
    case 'tool':
      if (typeof toolCallId !== 'string' || toolCallId === '')
        return '.toolCallId must be the id of the tool call that this message answers.';
      break;
    default:
      return '.role must be "system", "user", "assistant" or "tool".';
  }
  return problemOfContent(content);
}

function problemOfContent(content: unknown): string | undefined {
  if (typeof content === 'string') return undefined;
  if (!Array.isArray(content)) return '.content must be a text or a list of parts.';
  const wrong = content.findIndex((part) => !isPart(part));
  return wrong === -1
    ? undefined
    : `.content[${wrong}] must be a part: { type: "text", text }, { type: "image", url }, { type: "file", url }, { type: "audio", data, format } or { type: "other", raw }.`;
}

function isPart(part: unknown): boolean {
  if (!isRecord(part)) return false;
  const has = (...names: readonly string[]): boolean => names.every((name) => typeof part[name] === 'string');
  switch (part.type) {
    case 'text':
      return has('text');
    case 'image':
      return has('url');
    case 'file':
      return has('url') && (part.filename === undefined || has('filename'));
    case 'audio':
      return has('data', 'format');
    case 'other':
      return isRecord(part.raw) && typeof part.raw.type === 'string';
    default:
      return false;
  }
}

function isMadeCall(call: unknown): boolean {
  return (
    isRecord(call) && typeof call.id === 'string' && typeof call.name === 'string' && typeof call.arguments === 'string'
  );
}

function isListOf(value: unknown, isRight: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isRight);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return isSection(value);
}
