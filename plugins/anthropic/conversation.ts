import { asObject, parseObject } from 'scriptorium/provider';
import type { AssistantMessage, Content, MadeCall, Message, SystemMessage, ToolMessage } from 'scriptorium/provider';
import { blocksOf } from './parts.js';
import type { Block } from './parts.js';
import { refused } from './refuse.js';

export interface Conversation {
  readonly system?: string | readonly Block[];
  readonly messages: readonly Turn[];
}

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: string | readonly Block[];
}

/**
 * Messages as the API has them: those of the system stand apart, in their order and wherever they stood; results of tools
 * that follow each other are one turn of the user.
 * @throws GenerationError `bad-request` for what the API has no place for
 */
export function conversationOf(messages: readonly Message[]): Conversation {
  const system = systemOf(messages.filter((message) => message.role === 'system'));
  const turns: Turn[] = [];
  let results: Block[] | undefined;
  for (const message of messages) {
    if (message.role === 'tool') {
      if (results === undefined) turns.push({ role: 'user', content: (results = []) });
      results.push(resultOf(message));
    } else if (message.role !== 'system') {
      results = undefined;
      turns.push({
        role: message.role,
        content: message.role === 'user' ? contentOf(message.content) : answerOf(message),
      });
    }
  }
  return { ...(system !== undefined && { system }), messages: turns };
}

function systemOf(messages: readonly SystemMessage[]): string | readonly Block[] | undefined {
  const [first, ...others] = messages;
  if (first === undefined) return undefined;
  if (others.length === 0 && typeof first.content === 'string') return first.content;
  const blocks = messages.flatMap(({ content }) => blocksOf(content));
  const foreign = blocks.find(({ type }) => type !== 'text');
  if (foreign !== undefined)
    throw refused(`A system message holds a part that is no text (${foreign.type}); Anthropic takes none there.`);
  return blocks;
}

function contentOf(content: Content): string | readonly Block[] {
  return typeof content === 'string' ? content : blocksOf(content);
}

/** Thoughts first: the API wants them back unmodified before the calls they led to. Those of another vendor mean nothing to it. */
function answerOf({ content, toolCalls = [], reasoningDetails = [] }: AssistantMessage): string | readonly Block[] {
  const thoughts = reasoningDetails.filter(isThought);
  if (thoughts.length === 0 && toolCalls.length === 0) return contentOf(content);
  return [...thoughts, ...blocksOf(content), ...toolCalls.map(callOf)];
}

function isThought(detail: unknown): detail is Block {
  const type = asObject(detail)?.type;
  return type === 'thinking' || type === 'redacted_thinking';
}

function callOf({ id, name, arguments: given }: MadeCall): Block {
  const input = given.trim() === '' ? {} : parseObject(given);
  if (input === undefined)
    throw refused(`The arguments of the tool call "${name}" (${id}) are no JSON object; Anthropic takes nothing else.`);
  return { type: 'tool_use', id, name, input };
}

function resultOf({ toolCallId, content }: ToolMessage): Block {
  return { type: 'tool_result', tool_use_id: toolCallId, content: contentOf(content) };
}
