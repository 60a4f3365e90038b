/** Something that lets one after the other through. All times are monotonic milliseconds. */
export interface Gate<Demand, Permit> {
  /** When the demand fits: `now` or later; undefined while that depends on others who are inside. */
  availableAt(now: number, demand: Demand): number | undefined;
  /** Lets it through, which `availableAt` has just granted. */
  admit(now: number, demand: Demand): Permit;
  /** Epoch milliseconds before which nobody at all may go, if something holds all of them; who waits is told when it changes. */
  heldUntil?(): number | undefined;
}

/** The latest of several times; unknown if one of them is. */
export function latest(times: readonly (number | undefined)[]): number | undefined {
  return times.reduce((a, b) => (a === undefined || b === undefined ? undefined : Math.max(a, b)), -Infinity);
}
