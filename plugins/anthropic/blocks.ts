import { asObject, asText, parseObject } from 'scriptorium/provider';
import type { Json, ToolCall } from 'scriptorium/provider';

interface OpenBlock {
  readonly start: Json;
  thinking: string;
  signature: string | undefined;
  /** JSON text of a tool's input. */
  input: string;
}

/** Gathers the blocks of an answer but for their text, which nobody holds back. */
export class Blocks {
  private readonly blocks = new Map<unknown, OpenBlock>();

  start(index: unknown, start: Json): void {
    this.blocks.set(index, { start, thinking: '', signature: undefined, input: '' });
  }

  /** One delta of a block that is no text. One whose beginning nobody has seen begins with it. */
  add(index: unknown, delta: Json): void {
    if (!this.blocks.has(index)) this.start(index, { type: TYPE_BY_DELTA.get(delta.type) });
    const block = this.blocks.get(index);
    if (block === undefined) return;
    block.thinking += asText(delta.thinking) ?? '';
    block.signature = asText(delta.signature) ?? block.signature;
    block.input += asText(delta.partial_json) ?? '';
  }

  /** Thoughts as they have to be sent back: unmodified, in order. */
  thoughts(): readonly Json[] {
    return this.ofTypes((type) => THOUGHTS.has(type)).map(({ start, thinking, signature }) =>
      start.type === 'thinking'
        ? {
            ...start,
            thinking: (asText(start.thinking) ?? '') + thinking,
            ...(signature !== undefined && { signature }),
          }
        : start,
    );
  }

  /** @param isCut the answer ended in another way than by its calls: one whose input is half JSON is none */
  calls(isCut: boolean): readonly ToolCall[] {
    const calls = this.ofTypes((type) => type === 'tool_use').map(({ start, input }, index): ToolCall => ({
      type: 'tool-call',
      index,
      id: asText(start.id) ?? '',
      name: asText(start.name) ?? '',
      arguments: input === '' ? JSON.stringify(start.input ?? {}) : input,
    }));
    return isCut ? calls.filter((call) => parseObject(call.arguments) !== undefined) : calls;
  }

  /** What the vendor's own tools have asked and found, and blocks of kinds that nobody knows yet. */
  others(): readonly Json[] {
    return this.ofTypes((type) => type !== 'text' && type !== 'tool_use' && !THOUGHTS.has(type)).map(
      ({ start, input }) => (input === '' ? start : { ...start, input: parseObject(input) ?? input }),
    );
  }

  private ofTypes(isWanted: (type: unknown) => boolean): readonly OpenBlock[] {
    return [...this.blocks.values()].filter(({ start }) => isWanted(asObject(start)?.type));
  }
}

const THOUGHTS: ReadonlySet<unknown> = new Set(['thinking', 'redacted_thinking']);
const TYPE_BY_DELTA: ReadonlyMap<unknown, string> = new Map([
  ['thinking_delta', 'thinking'],
  ['signature_delta', 'thinking'],
  ['input_json_delta', 'tool_use'],
]);
