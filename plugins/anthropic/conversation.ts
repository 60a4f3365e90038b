import { asObject, asText, parseObject, textIn } from 'scriptorium/provider';
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

/**
 * An answer of the model. The blocks that came with it go back as they came, unless its text or calls were changed since: then
 * its thoughts come first, which the API wants back unmodified before the calls they led to.
 */
function answerOf({ content, toolCalls = [], reasoningDetails = [] }: AssistantMessage): string | readonly Block[] {
  const blocks = reasoningDetails.filter(isOwnBlock).filter(({ type, text }) => type !== 'text' || text !== '');
  const calls = toolCalls.map(callOf);
  if (isWhole(blocks, { content, calls })) return blocks;
  const besideText = blocks.filter(({ type }) => type !== 'text' && type !== 'tool_use');
  if (besideText.length === 0 && calls.length === 0) return contentOf(content);
  return [...besideText, ...blocksOf(content), ...calls];
}

/** A block of the API's. Those of another vendor's answer mean nothing to it. */
function isOwnBlock(detail: unknown): detail is Block {
  const { type, thinking } = asObject(detail) ?? {};
  const isOther = typeof type !== 'string' || type.startsWith('reasoning');
  return !isOther && (type !== 'thinking' || typeof thinking === 'string');
}

/** Whether blocks tell the whole of an answer: its text, and its calls. */
function isWhole(
  blocks: readonly Block[],
  { content, calls }: { readonly content: Content; readonly calls: readonly Block[] },
): boolean {
  if (typeof content !== 'string' && content.some(({ type }) => type !== 'text')) return false;
  const text = blocks.map((block) => (block.type === 'text' ? asText(block.text) : '')).join('');
  const made = blocks.filter(({ type }) => type === 'tool_use');
  return (
    blocks.length > 0 &&
    text === textIn(content) &&
    made.length === calls.length &&
    made.every((call, index) => isSame(call, calls[index]))
  );
}

function isSame(made: Block, call: Block | undefined): boolean {
  return made.id === call?.id && made.name === call?.name && JSON.stringify(made.input) === JSON.stringify(call?.input);
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
