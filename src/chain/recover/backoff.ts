export type Jitter = 'full' | 'equal' | 'none';

export interface BackoffSettings {
  readonly baseMs: number;
  readonly capMs: number;
  readonly jitter: Jitter;
}

/**
 * Computes the wait before the next attempt, in milliseconds: `min(base · 2ⁿ, cap)`, spread by `jitter`.
 * @param failures how many attempts have failed so far, at least 1
 * @param random in [0, 1)
 * Source: M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
 */
export function backoffDelay(settings: BackoffSettings, failures: number, random: number): number {
  const ceiling = Math.min(settings.baseMs * 2 ** (failures - 1), settings.capMs);
  switch (settings.jitter) {
    case 'full':
      return random * ceiling;
    case 'equal':
      return ceiling / 2 + random * (ceiling / 2);
    case 'none':
      return ceiling;
  }
}

/** Adds jitter to a server's own hint. The hint is a floor: jitter only lengthens it, by a tenth at most. */
export function hintedDelay(hintMs: number, random: number): number {
  return hintMs + random * hintMs * 0.1;
}
