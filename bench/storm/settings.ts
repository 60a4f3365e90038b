import type { Wire } from '../../src/index.js';
import { readOptions } from '../kit/options.js';

/** The options of a storm. */
export interface StormSettings {
  readonly rate: number;
  readonly chapters: number;
  readonly seed: number;
  readonly words: number;
  readonly atOnce: number;
  readonly maxAttempts: number;
  readonly wire: Wire;
  /** The kind of model: `exact`. */
  readonly kind: string;
  /** Its full name: `scriptorium/exact`. */
  readonly model: string;
  /** The kind of the second model; empty for none. */
  readonly route: string;
  readonly by: string;
}

/** Models that cannot continue a text cut at the token cap. */
const CANNOT_CONTINUE: ReadonlySet<string> = new Set(['paraphrases-the-joint', 'diverges-after-15000']);

/** Reads the command line. @throws Error with the usage */
export function readSettings(): StormSettings {
  const { rate, chapters, seed, words, wire, model, route, by, ...rest } = readOptions({
    rate: '0.4',
    chapters: '200',
    seed: '1',
    words: '350',
    'at-once': '16',
    'max-attempts': '12',
    wire: 'sse',
    model: 'exact',
    route: '',
    by: 'generate',
  });
  const numbers = { rate: Number(rate), chapters: Number(chapters), seed: Number(seed) };
  if (!(numbers.rate >= 0 && numbers.rate < 1 && numbers.chapters > 0 && Number.isInteger(numbers.seed))) {
    throw new Error('Usage: npm run storm -- --rate 0.4 --chapters 200 --seed 1');
  }
  return {
    ...numbers,
    words: Number(words),
    atOnce: Number(rest['at-once']),
    maxAttempts: Number(rest['max-attempts']),
    wire: wire as Wire,
    kind: model,
    model: `scriptorium/${model}`,
    route,
    by,
  };
}

/** Whether the model continues a text that was cut. */
export function canContinue({ kind }: StormSettings): boolean {
  return !CANNOT_CONTINUE.has(kind);
}
