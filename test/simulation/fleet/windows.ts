/** A request as the vendor has logged it. */
interface Arrival {
  /** Epoch milliseconds. */
  readonly arrivedAt: number;
}

const DAY_MS = 86_400_000;

/** The most requests within any stretch of this length. The requests stand in their order. */
export function largestWindow(requests: readonly Arrival[], lengthMs: number): number {
  let from = 0;
  let most = 0;
  for (const [at, { arrivedAt }] of requests.entries()) {
    while ((requests[from]?.arrivedAt ?? 0) <= arrivedAt - lengthMs) from += 1;
    most = Math.max(most, at - from + 1);
  }
  return most;
}

/** The most requests of a day, which ends at midnight UTC. */
export function mostInADay(requests: readonly Arrival[]): number {
  const days = new Map<number, number>();
  for (const { arrivedAt } of requests) {
    const day = Math.floor(arrivedAt / DAY_MS);
    days.set(day, (days.get(day) ?? 0) + 1);
  }
  return Math.max(0, ...days.values());
}
