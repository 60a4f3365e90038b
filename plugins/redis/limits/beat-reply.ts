import type { RedisReply } from '../connection.js';
import type { KnownKey } from './known-limits.js';

const MINUTE_MS = 60_000;
/** The figures of a key in the answer to a `BEAT`. */
const FIGURES = 13;

/** What a worker learns from a beat. */
export interface BeatReply {
  /** The server's time. */
  readonly time: number;
  /** Until when (server's time) the server counts as full, if it is now known to have lost its memory. */
  readonly forgotUntil: number | undefined;
}

/** Reads the answer to a `BEAT`, and notes what it says about each key. */
export function readBeat(reply: readonly RedisReply[], keys: readonly KnownKey[]): BeatReply {
  const [time = 0, since = 0, ...figures] = reply.map(Number);
  let forgotUntil: number | undefined;
  keys.forEach((key, index) => {
    const of = figures.slice(index * FIGURES, (index + 1) * FIGURES);
    const [intervalMs = 0, requests = 0, tokens = 0, day = 0, skewMs = 0, workers = 1] = of;
    const windowMs = MINUTE_MS + skewMs;
    if (key.shared.since !== since && since + windowMs > time)
      forgotUntil = Math.max(forgotUntil ?? 0, since + windowMs);
    key.figures = { intervalMs, requests, tokens, day, windowMs, workers };
    key.hasTokenLimit ||= tokens > 0;
    key.share = { requests: of[6] ?? 0, tokens: of[7] ?? 0, day: of[8] ?? 0 };
    key.shared = { requests: of[9] ?? 0, tokens: of[10] ?? 0, since };
    [key.since, key.day, key.count] = [since, of[11] ?? -1, of[12] ?? 0];
  });
  return { time, forgotUntil };
}
