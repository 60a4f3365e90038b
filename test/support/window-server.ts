import { Worker } from 'node:worker_threads';

export interface WindowLimits {
  readonly windowMs: number;
  readonly requests: number;
  readonly tokens: number;
  /** A request is booked so long after it arrived, at random up to this. */
  readonly jitterMs: number;
}

/** A vendor that keeps its limits to the letter, in a thread of its own: it books a request's size on arrival, and refuses what does not fit into any window. */
export interface WindowServer {
  readonly url: string;
  /** What was let in and what was refused until now. */
  report(): Promise<Report>;
  close(): Promise<unknown>;
}

export interface Report {
  readonly booked: readonly Booking[];
  readonly refused: readonly Booking[];
}

export interface Booking {
  /** Epoch milliseconds, with fractions. */
  readonly at: number;
  readonly tokens: number;
}

/** @param limits any of them may be Infinity */
export async function windowServer(limits: WindowLimits): Promise<WindowServer> {
  const worker = new Worker(new URL('./window-server-thread.mjs', import.meta.url), { workerData: limits });
  const answer = <T>(): Promise<T> =>
    new Promise<T>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  const port = await answer<number>();
  return {
    url: `http://127.0.0.1:${port}/api/v1`,
    report: () => {
      worker.postMessage('report');
      return answer<Report>();
    },
    close: () => worker.terminate(),
  };
}

/**
 * When each of these calls would go, one after the other, if somebody who sees everything let each in at the first moment
 * at which it fits. By brute force: for each call all moments at which something leaves the window are tried in order.
 */
export function simulatedTimes(
  sizes: readonly number[],
  { windowMs, requests, tokens }: WindowLimits,
): readonly number[] {
  const sent: Booking[] = [];
  for (const size of sizes) {
    const earliest = sent.at(-1)?.at ?? 0;
    const moments = [earliest, ...sent.map(({ at }) => at + windowMs).filter((at) => at > earliest)];
    const at = moments.find((moment) => {
      const recent = sent.filter((booking) => booking.at > moment - windowMs);
      return recent.length < requests && recent.reduce((sum, booking) => sum + booking.tokens, size) <= tokens;
    });
    if (at === undefined) throw new Error(`A call of ${size} tokens never fits.`);
    sent.push({ at, tokens: size });
  }
  return sent.map(({ at }) => at);
}
