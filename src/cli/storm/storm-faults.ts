import type { Fault } from '../../emulator/faults.js';
import { chanceAt, seedOf } from '../../emulator/random.js';

/** Of as many neighbouring chapters, so many meet a fault: by chance alone, the share would be far off in a short run. */
const BLOCK = { chapters: 5, faulty: 2 } as const;
/** The share of requests that meet a fault. */
export const FAULT_RATE = BLOCK.faulty / BLOCK.chapters;

/** Which request: the same one on both sides meets the same fault. */
export interface FaultedRequest {
  readonly seed: number;
  readonly chapter: number;
  /** The requests for the chapter before this one. */
  readonly earlier: number;
  /** The deltas of a whole chapter; faults strike anywhere among them. */
  readonly deltas: number;
}

/** The fault of a request, or none. All kinds are equally likely; most strike somewhere in the text. */
export function stormFault(request: FaultedRequest): Fault | undefined {
  if (!isFaulty(request)) return undefined;
  const { seed, chapter, earlier, deltas } = request;
  const draws = seedOf(seed, chapter, earlier);
  const inside = { afterDeltas: Math.floor(chanceAt(draws, 2) * deltas) };
  const kinds: readonly Fault[] = [
    { status: 500 },
    { status: 502, body: '<html>bad gateway</html>' },
    { status: 503 },
    { status: 429, headers: { 'retry-after-ms': '300' } },
    { reset: 'before-headers' },
    { reset: inside },
    { fin: inside },
    { stall: inside },
    { truncate: inside },
    { truncate: inside, done: true },
    { garbage: inside },
    { errorChunk: inside },
    { errorChunk: inside, done: true },
    { errorChunk: inside, errorIn: 'choice' },
    { empty: true },
    { capTokens: 1 + inside.afterDeltas },
  ];
  return kinds[Math.floor(chanceAt(draws, 1) * kinds.length)];
}

/** Each block of chapters draws lots: for the first requests, for the second ones, and so on. */
function isFaulty({ seed, chapter, earlier }: FaultedRequest): boolean {
  const lotOf = (drawn: number): number => chanceAt(seedOf(seed, drawn, earlier), 0);
  const first = chapter - ((chapter - 1) % BLOCK.chapters);
  const block = Array.from({ length: BLOCK.chapters }, (_, index) => first + index);
  return block.filter((other) => lotOf(other) < lotOf(chapter)).length < BLOCK.faulty;
}
