import { setTimeout as delay } from 'node:timers/promises';

/** Counts of the resources that keep the process busy, by kind. */
export type Handles = Readonly<Record<string, number>>;

/** Kinds that come and go with every turn of the event loop. */
const FLEETING: ReadonlySet<string> = new Set(['TickObject', 'Immediate']);

export function handles(): Handles {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Lists what is there beyond what was there before: `Timeout 2`. */
export function handlesLeft(before: Handles, after: Handles): readonly string[] {
  return Object.entries(after)
    .map(([kind, count]) => ({ kind, more: count - (before[kind] ?? 0) }))
    .filter(({ kind, more }) => more > 0 && !FLEETING.has(kind))
    .map(({ kind, more }) => `${kind} ${more}`);
}

/** Waits until the number is 0, and returns it as it is then or when the time is over. */
export async function settled(number: () => number | Promise<number>, withinMs: number): Promise<number> {
  const end = performance.now() + withinMs;
  for (;;) {
    const left = await number();
    if (left === 0 || performance.now() > end) return left;
    await delay(10);
  }
}
