import { didYouMean } from 'scriptorium/plugin';
import { RunError } from '../journal/run-error.js';

/** An item and the items that must be done before it. */
export interface Dependent {
  readonly id: string;
  readonly after: readonly string[];
}

/** Checks that every item can start one day. @throws RunError `invalid-spec` if `after` names an unknown item, or goes in a circle */
export function checkAfter(items: readonly Dependent[]): void {
  const afterOf = new Map(items.map(({ id, after }) => [id, after]));
  for (const { id, after } of items) {
    const unknown = after.find((other) => !afterOf.has(other));
    if (unknown === undefined) continue;
    const similar = didYouMean(unknown, [...afterOf.keys()]);
    throw new RunError('invalid-spec', `Item "${id}" comes after "${unknown}", but there is no such item.${similar}`);
  }
  const circle = circleIn(afterOf);
  if (circle === undefined) return;
  const shown = circle.map((id) => `"${id}"`).join(' after ');
  throw new RunError('invalid-spec', `Items wait for each other: ${shown}. Remove one of these from "after".`);
}

/** Removes items that can start, until none is left. What stays waits in a circle. */
function circleIn(afterOf: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const missing = new Map([...afterOf].map(([id, after]) => [id, new Set(after).size]));
  const dependants = new Map<string, string[]>();
  for (const [id, after] of afterOf)
    for (const other of new Set(after)) {
      const known = dependants.get(other);
      if (known === undefined) dependants.set(other, [id]);
      else known.push(id);
    }
  const free = [...missing].filter(([, count]) => count === 0).map(([id]) => id);
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    missing.delete(id);
    for (const dependant of dependants.get(id) ?? []) {
      const left = (missing.get(dependant) ?? 0) - 1;
      missing.set(dependant, left);
      if (left === 0) free.push(dependant);
    }
  }
  return missing.size === 0 ? undefined : walkInto(missing, afterOf);
}

/** Follows `after` from any item of a circle, until one comes again. */
function walkInto(
  stuck: ReadonlyMap<string, number>,
  afterOf: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const path: string[] = [];
  for (let [id = ''] = stuck.keys(); ; id = (afterOf.get(id) ?? []).find((other) => stuck.has(other)) ?? '') {
    const start = path.indexOf(id);
    path.push(id);
    if (start >= 0) return path.slice(start);
  }
}
