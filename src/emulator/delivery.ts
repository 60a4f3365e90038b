import type { Answer } from './answer.js';
import type { Exchange } from './exchange.js';
import type { Fault } from './faults.js';
import type { Host } from './host.js';
import type { ServiceSettings } from './options.js';
import type { RequestRecord } from './request-log.js';
import type { WireUsage } from './usage.js';

/** An answer on its way to a client. */
export interface Delivery {
  readonly answer: Answer;
  readonly exchange: Exchange;
  readonly fault: Fault;
  readonly record: RequestRecord;
  readonly settings: ServiceSettings;
  readonly host: Host;
  /** Notes what the request has used so far, in the log and in the books. */
  bill(usage: WireUsage): void;
}

/** Deltas, each the tokens that it holds. */
export type Deltas = readonly (readonly string[])[];

/** Most deltas that one write takes. */
const BATCH = 8;
/** Deltas may come this early. Without it, a clock that moves by timers alone would stand still after a pause that rounding made too short. */
const SLACK_MS = 0.001;

/** The deltas of a run of tokens, each of some tokens. */
export function deltasOf(tokens: readonly string[], { tokensPerDelta }: ServiceSettings): Deltas {
  const size = Math.floor(tokensPerDelta);
  return Array.from({ length: Math.ceil(tokens.length / size) }, (_, index) =>
    tokens.slice(index * size, (index + 1) * size),
  );
}

/** How long the emulator takes for so many tokens at the pace that is set, in milliseconds. */
export function durationOf(tokens: number, { tokensPerSecond }: ServiceSettings): number {
  return tokensPerSecond === 0 ? 0 : (tokens * 1000) / tokensPerSecond;
}

/**
 * Hands over deltas in batches: at the pace that is set, catching up where a timer came late; without one as fast as `send` resolves,
 * letting other work through between two batches.
 */
export async function inBatches(
  deltas: Deltas,
  { exchange, host, settings }: Delivery,
  send: (batch: Deltas) => Promise<void>,
): Promise<void> {
  const intervalMs = durationOf(Math.floor(settings.tokensPerDelta), settings);
  const startedAt = host.monotonic();
  let sent = 0;
  while (sent < deltas.length) {
    exchange.signal.throwIfAborted();
    const due = intervalMs === 0 ? Infinity : Math.floor((host.monotonic() - startedAt + SLACK_MS) / intervalMs) + 1;
    if (due <= sent) {
      await exchange.pause(startedAt + sent * intervalMs - host.monotonic());
      continue;
    }
    const batch = deltas.slice(sent, Math.min(due, sent + BATCH));
    await send(batch);
    sent += batch.length;
    await host.breathe();
  }
}
