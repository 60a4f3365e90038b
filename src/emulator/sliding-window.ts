/** Length of the windows that a vendor counts in, in milliseconds. */
export const WINDOW_MS = 60_000;

/** Moments of the last minute. A moment has left the window 60,000 ms later. */
export interface SlidingWindow {
  /** How many moments lie in the window that ends now. */
  countAt(now: number): number;
  /** When the oldest moment of the window that ends now leaves it; now, where the window is empty. */
  opensAt(now: number): number;
  add(now: number): void;
  /** The most moments that lay in one window. */
  readonly most: number;
}

/** An empty window. All times are epoch milliseconds. */
export function slidingWindow(): SlidingWindow {
  const moments: number[] = [];
  let most = 0;
  const drop = (now: number) => {
    const kept = moments.findIndex((at) => at > now - WINDOW_MS);
    moments.splice(0, kept < 0 ? moments.length : kept);
  };
  return {
    countAt: (now) => {
      drop(now);
      return moments.length;
    },
    opensAt: (now) => {
      drop(now);
      return moments[0] === undefined ? now : moments[0] + WINDOW_MS;
    },
    add: (now) => {
      drop(now);
      moments.push(now);
      most = Math.max(most, moments.length);
    },
    get most() {
      return most;
    },
  };
}
