import { asList, asObject, asText, joinPieces, parseObject } from 'scriptorium/provider';
import type { Json, ToolCall, Unknown } from 'scriptorium/provider';
import { KNOWN_BLOCKS } from './known.js';

interface OpenBlock {
  /** As it began, with what deltas of unknown kinds have added. */
  start: Json;
  text: string;
  thinking: string;
  signature: string | undefined;
  readonly citations: unknown[];
  /** JSON text of a tool's input. */
  input: string;
}

/** Gathers the blocks of an answer, so that they can be sent back as they came. */
export class Blocks {
  private readonly blocks = new Map<unknown, OpenBlock>();

  /** @param unknown told of blocks and deltas of kinds that are not known */
  constructor(private readonly unknown: Unknown) {}

  start(index: unknown, start: Json): void {
    if (!KNOWN_BLOCKS.has(start.type)) this.unknown.name(`the block "${String(start.type)}"`);
    this.blocks.set(index, {
      start,
      text: asText(start.text) ?? '',
      thinking: asText(start.thinking) ?? '',
      signature: asText(start.signature),
      citations: [...asList(start.citations)],
      input: '',
    });
  }

  /** One delta of a block. One whose beginning nobody has seen begins with it. */
  add(index: unknown, delta: Json): void {
    if (!this.blocks.has(index)) this.start(index, { type: TYPE_BY_DELTA.get(delta.type) });
    const block = this.blocks.get(index);
    if (block === undefined) return;
    const { type, text, thinking, signature, partial_json: json, citation, ...further } = delta;
    if (typeof text === 'string') block.text += text;
    if (typeof thinking === 'string') block.thinking += thinking;
    if (typeof json === 'string') block.input += json;
    if (citation != null) block.citations.push(citation);
    block.signature = asText(signature) ?? block.signature;
    if (Object.keys(further).length > 0) block.start = joinPieces(block.start, further);
    if (!TYPE_BY_DELTA.has(type)) this.unknown.name(`the delta "${String(type)}"`);
  }

  /** Whether there is a block that is not a text, a thought or a call: such an answer has something to say. */
  get hasOthers(): boolean {
    return [...this.blocks.values()].some(({ start }) => !isPlainType(start.type));
  }

  /**
   * What has to be sent back: the thoughts, unmodified and in order; of an answer that its text and calls do not tell whole,
   * all blocks.
   * @param isCut as for `calls`
   */
  details(isCut: boolean): readonly Json[] {
    const whole = [...this.blocks.values()].filter((block) => !isCut || !isHalf(block)).map(wholeOf);
    return isPlain(whole) ? whole.filter(({ type }) => THOUGHTS.has(type)) : whole;
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
    return this.ofTypes((type) => !isPlainType(type)).map(wholeOf);
  }

  private ofTypes(isWanted: (type: unknown) => boolean): readonly OpenBlock[] {
    return [...this.blocks.values()].filter(({ start }) => isWanted(asObject(start)?.type));
  }
}

const THOUGHTS: ReadonlySet<unknown> = new Set(['thinking', 'redacted_thinking']);
const TYPE_BY_DELTA: ReadonlyMap<unknown, string> = new Map([
  ['text_delta', 'text'],
  ['citations_delta', 'text'],
  ['thinking_delta', 'thinking'],
  ['signature_delta', 'thinking'],
  ['input_json_delta', 'tool_use'],
  ['compaction_delta', 'compaction'],
]);

/** Whether its input is not whole. */
function isHalf({ input }: OpenBlock): boolean {
  return input !== '' && parseObject(input) === undefined;
}

function isPlainType(type: unknown): boolean {
  return type === 'text' || type === 'tool_use' || THOUGHTS.has(type);
}

/** A block as it would have come in an answer that is not streamed. */
function wholeOf({ start, text, thinking, signature, citations, input }: OpenBlock): Json {
  return {
    ...start,
    ...((start.type === 'text' || text !== '') && { text }),
    ...(citations.length > 0 && { citations }),
    ...((start.type === 'thinking' || thinking !== '') && { thinking }),
    ...(signature !== undefined && { signature }),
    ...(input !== '' && { input: parseObject(input) ?? input }),
  };
}

/** The order in which a message gives back thoughts, a text and calls. */
const RANKS: ReadonlyMap<unknown, number> = new Map([
  ['thinking', 0],
  ['redacted_thinking', 0],
  ['text', 1],
  ['tool_use', 2],
]);
const PLAIN_FIELDS: ReadonlyMap<unknown, ReadonlySet<string>> = new Map([
  ['text', new Set(['type', 'text'])],
  ['tool_use', new Set(['type', 'id', 'name', 'input'])],
]);

/** Whether thoughts, text and calls tell all of an answer: they come in this order, with nothing else in them. */
function isPlain(blocks: readonly Json[]): boolean {
  const ranks = blocks.map(({ type }) => RANKS.get(type) ?? Infinity);
  return (
    !ranks.includes(Infinity) &&
    ranks.every((rank, index) => rank >= (ranks[index - 1] ?? 0)) &&
    blocks.every((block) => {
      const fields = PLAIN_FIELDS.get(block.type);
      return fields === undefined || Object.entries(block).every(([key, value]) => value == null || fields.has(key));
    })
  );
}
