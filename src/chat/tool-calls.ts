import type { ToolCall } from '../core/events.js';
import { asNumber } from '../core/outside/numbers.js';
import { malformed } from '../providers/no-answer.js';
import { asObject, asText, parseObject } from './json.js';
import type { Json } from './json.js';

/** No model makes as many in one answer. */
const MOST_TOOL_CALLS = 128;

interface OpenCall {
  /** The vendor's index; for fragments without one, their place in the list if there are several. */
  readonly place: number | undefined;
  id: string;
  name: string;
  arguments: string;
}

/**
 * Joins the fragments of tool calls. A call is known by its id, then by its index; vendors leave out either, or give all
 * calls the same index. Each complete call is returned once, at the end of the answer.
 */
export class ToolCalls {
  private calls: OpenCall[] = [];

  get isEmpty(): boolean {
    return this.calls.length === 0;
  }

  /** Adds the `tool_calls` of one chunk. Returns whether there were any. @throws GenerationError `malformed-answer` */
  take(fragments: unknown): boolean {
    const list = listOf(fragments);
    list.forEach((fragment, position) => this.add(fragment, list.length > 1 ? position : undefined));
    return list.length > 0;
  }

  /** Takes calls that are whole, in place of all fragments before. */
  replaceBy(calls: unknown): boolean {
    this.calls = [];
    return this.take(calls);
  }

  /**
   * Returns the complete calls. Arguments that are missing are `{}`, and a missing id is `call_1`, by its place.
   * @param isCut the token cap ended the answer; a call with incomplete JSON arguments is dropped
   */
  whole(isCut: boolean): readonly ToolCall[] {
    const calls = [...this.calls]
      .sort((a, b) => (a.place ?? 0) - (b.place ?? 0))
      .map((call, index): ToolCall => ({
        type: 'tool-call',
        index,
        id: call.id === '' ? `call_${index + 1}` : call.id,
        name: call.name,
        arguments: call.arguments.trim() === '' ? '{}' : call.arguments,
      }));
    return isCut ? calls.filter((call) => parseObject(call.arguments) !== undefined) : calls;
  }

  private add(fragment: Json, position: number | undefined): void {
    const named = asObject(fragment.function) ?? {};
    const [id, name] = [asText(fragment.id) ?? '', asText(named.name) ?? ''];
    if (id === '' && name === '' && named.arguments == null) return;
    const call = this.openCall({ id, name, place: asIndex(fragment.index) ?? position });
    if (call.id === '') call.id = id;
    if (call.name === '') call.name = name;
    call.arguments =
      typeof named.arguments === 'object' && named.arguments !== null
        ? JSON.stringify(named.arguments)
        : call.arguments + (asText(named.arguments) ?? '');
  }

  private openCall({ id, name, place }: Pick<OpenCall, 'id' | 'name' | 'place'>): OpenCall {
    const known = id === '' ? undefined : this.calls.find((call) => call.id === id);
    if (known !== undefined) return known;
    const last = place === undefined ? this.calls.at(-1) : this.calls.findLast((call) => call.place === place);
    if (last !== undefined && !isAnother(last, { id, name })) return last;
    if (this.calls.length === MOST_TOOL_CALLS) throw malformed(`more than ${MOST_TOOL_CALLS} tool calls`);
    const call: OpenCall = { place, id: '', name: '', arguments: '' };
    this.calls.push(call);
    return call;
  }
}

/** Whether a fragment begins another call: it has another id, or a name where the last call has all that it needs. */
function isAnother(last: OpenCall, { id, name }: Pick<OpenCall, 'id' | 'name'>): boolean {
  if (id !== '' && last.id !== '') return true;
  return name !== '' && last.name !== '' && parseObject(last.arguments) !== undefined;
}

/** A single call may stand without a list. */
function listOf(fragments: unknown): readonly Json[] {
  if (fragments == null) return [];
  const list: readonly unknown[] = Array.isArray(fragments) ? fragments : [fragments];
  return list
    .filter((fragment) => fragment != null)
    .map((fragment) => {
      const call = asObject(fragment);
      if (call === undefined) throw malformed(fragment);
      return call;
    });
}

/** Some vendors write the index as a text. */
function asIndex(value: unknown): number | undefined {
  const index = asNumber(value);
  return index !== undefined && Number.isInteger(index) && index >= 0 ? index : undefined;
}
