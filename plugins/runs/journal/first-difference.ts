import type { ItemSpec } from './run-spec.js';

/** An item as far as it must be the same when its run is given again. */
type ComparedItem = Pick<ItemSpec, 'id' | 'after' | 'input' | 'data'>;

/**
 * Names the first difference between the items of a stored run and those of a new one with the same name.
 * @example
 * ```ts
 * firstDifference(stored, items); // item "ch3": input.prompt differs: "Once" instead of "Twice"
 * ```
 */
export function firstDifference(stored: readonly ComparedItem[], given: readonly ComparedItem[]): string {
  for (const [index, before] of stored.entries()) {
    const now = given[index];
    if (now === undefined) return `item "${before.id}" is missing`;
    if (now.id !== before.id) return differentItem({ before, now, stored, given });
    const difference = differenceOf(compared(before), compared(now), '');
    if (difference !== undefined) return `item "${before.id}": ${difference}`;
  }
  const added = given[stored.length];
  return added === undefined
    ? 'the items were given in another form, although they mean the same now'
    : `item "${added.id}" is new`;
}

interface DifferentItem {
  readonly before: ComparedItem;
  readonly now: ComparedItem;
  readonly stored: readonly ComparedItem[];
  readonly given: readonly ComparedItem[];
}

function differentItem({ before, now, stored, given }: DifferentItem): string {
  if (!given.some(({ id }) => id === before.id)) return `item "${before.id}" is missing`;
  if (!stored.some(({ id }) => id === now.id)) return `item "${now.id}" is new`;
  return `the order differs: item "${now.id}" instead of "${before.id}"`;
}

const compared = ({ after = [], input, data }: ComparedItem): unknown => ({ after, input, data });

/** Where two JSON values differ first: the path and both values. */
function differenceOf(before: unknown, now: unknown, path: string): string | undefined {
  if (!isObject(before) || !isObject(now) || Array.isArray(before) !== Array.isArray(now)) {
    return before === now ? undefined : `${path} differs: ${shown(now)} instead of ${shown(before)}`;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const at = Array.isArray(before) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const difference = differenceOf(before[key], now[key], at);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const LONGEST_SHOWN = 60;

function shown(value: unknown): string {
  const json = value === undefined ? 'nothing' : JSON.stringify(value);
  return json.length <= LONGEST_SHOWN ? json : `${json.slice(0, LONGEST_SHOWN)}…`;
}
