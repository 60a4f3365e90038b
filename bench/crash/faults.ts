import type { EmulatorOptions } from '../../src/testing.js';
import { pick } from '../kit/seeded-random.js';

type FaultOption = NonNullable<EmulatorOptions['fault']>;

/** Gives a share of the requests a fault at a random place of a text of so many tokens. */
export function randomFaults(random: () => number, { rate, tokens }: { rate: number; tokens: number }): FaultOption {
  const inside = () => ({ afterDeltas: Math.floor(random() * tokens) });
  const faults: readonly (() => ReturnType<FaultOption>)[] = [
    () => ({ status: pick(random, [500, 502, 503, 529]) }),
    () => ({ status: 429, headers: { 'retry-after-ms': '30' } }),
    () => ({ reset: inside() }),
    () => ({ fin: inside() }),
    () => ({ stall: inside() }),
    () => ({ truncate: inside() }),
    () => ({ errorChunk: inside() }),
    () => ({ empty: true }),
    () => ({ capTokens: 1 + inside().afterDeltas }),
    () => ({ delayMs: 40, noUsage: true }),
  ];
  return () => (random() < rate ? pick(random, faults)() : undefined);
}
