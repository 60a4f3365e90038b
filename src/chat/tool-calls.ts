import type { ToolCall } from '../core/events.js';
import { asList, asObject, asText, parseObject } from './json.js';

/** Higher indexes than any model uses are ignored. */
const MOST_TOOL_CALLS = 128;

/** Joins the fragments of tool calls by their index. Each complete call is returned once, at the end of the answer. */
export class ToolCalls {
  private readonly calls = new Map<number, { id: string; name: string; arguments: string }>();

  get isEmpty(): boolean {
    return this.calls.size === 0;
  }

  /** Adds the `tool_calls` of one chunk. Returns whether there were any. */
  take(fragments: unknown): boolean {
    const list = asList(fragments);
    list.forEach((value, position) => {
      const fragment = asObject(value);
      const index = fragment?.index ?? position;
      if (!isIndex(index)) return;
      const call = this.calls.get(index) ?? { id: '', name: '', arguments: '' };
      const named = asObject(fragment?.function);
      this.calls.set(index, {
        id: call.id === '' ? (asText(fragment?.id) ?? '') : call.id,
        name: call.name === '' ? (asText(named?.name) ?? '') : call.name,
        arguments: call.arguments + (asText(named?.arguments) ?? ''),
      });
    });
    return list.length > 0;
  }

  /**
   * Returns the complete calls.
   * @param isCut the token cap ended the answer; a call with incomplete JSON arguments is dropped
   */
  whole(isCut: boolean): readonly ToolCall[] {
    const calls = [...this.calls]
      .sort(([a], [b]) => a - b)
      .map(([index, call]): ToolCall => ({ type: 'tool-call', index, ...call }));
    return isCut ? calls.filter((call) => parseObject(call.arguments) !== undefined) : calls;
  }
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < MOST_TOOL_CALLS;
}
