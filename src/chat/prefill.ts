import type { Prefill } from '../core/continuation.js';
import type { GenerationRequest } from '../core/request.js';
import { asObject } from './json.js';

/** By a model's name, or a pattern with `*`, what it does with a text that it is to go on from. */
export type PrefillTable = Readonly<Record<string, Prefill>>;

/**
 * What the request's model can do: by the first of the tables that has it (in each the exact name first, then the first
 * pattern that fits), and else it is instructed. An answer that must keep a format, or comes in several choices, cannot be
 * put together from pieces; one that is thought about first cannot be begun for the model.
 * @param id of the provider, whose `providerOptions` are looked at
 */
export function prefillFrom(
  tables: readonly PrefillTable[],
  { model, reasoning, responseFormat, providerOptions }: GenerationRequest,
  id: string,
): Prefill {
  const options = providerOptions[id] ?? {};
  const format = asObject(options.response_format)?.type ?? responseFormat?.type ?? 'text';
  if (format !== 'text' || (typeof options.n === 'number' && options.n > 1)) return 'none';
  const found = tables.map((table) => lookUp(table, model)).find((prefill) => prefill !== undefined) ?? 'instructed';
  const effort = options.reasoning_effort ?? reasoning?.effort;
  const thinks =
    (reasoning !== undefined && effort === undefined) ||
    (effort !== undefined && effort !== 'none') ||
    options.reasoning !== undefined;
  return found === 'exact' && thinks ? 'instructed' : found;
}

/** Whether a name is that of a pattern, in which `*` stands for anything. */
export function fitsPattern(name: string, pattern: string): boolean {
  const [start = '', ...others] = pattern.split('*');
  const end = others.pop();
  if (end === undefined) return name === start;
  if (!name.startsWith(start)) return false;
  let at = start.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return name.length - end.length >= at && name.endsWith(end);
}

/** A variant (`:free`) does what its model does. */
function lookUp(table: PrefillTable, model: string): Prefill | undefined {
  const [plain = model] = model.split(':', 1);
  const names = [model, plain];
  const exact = names.find((name) => Object.hasOwn(table, name));
  if (exact !== undefined) return table[exact];
  return Object.entries(table).find(
    ([pattern]) => pattern.includes('*') && names.some((name) => fitsPattern(name, pattern)),
  )?.[1];
}
