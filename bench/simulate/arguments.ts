import { parseArgs } from 'node:util';

/** How the program is called. */
export const USAGE =
  'Usage: npm run simulate -- [--scenario NAME] [--seeds 1..200] [--days 30] [--size 1] [--trace] [--shrink] [--check-determinism]';

/** The command line, read. */
export interface SimulateOptions {
  /** Names of the scenarios to run. */
  readonly scenarios: readonly string[];
  readonly seeds: Seeds;
  /** Virtual days of the scenarios that last days. */
  readonly days: number;
  /** A factor for the number of generations. */
  readonly size: number;
  /** Prints the trace of one run. */
  readonly isTraced: boolean;
  /** Looks for a smaller world that shows the violation. */
  readonly isShrunk: boolean;
  /** Runs every seed twice. */
  readonly isRunTwice: boolean;
  /** Every scenario, unchanged in scale, with 200 seeds or more: the run that must meet the requirements. */
  readonly isFull: boolean;
}

/** A range of seeds, both ends included. */
export interface Seeds {
  readonly first: number;
  readonly last: number;
}

/** The command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Presets of the options that change the size of a world. */
export const PRESETS = { days: 30, size: 1 } as const;

const SEEDS: Seeds = { first: 1, last: 200 };

/**
 * Reads the command line.
 * @param known names of all scenarios
 * @throws UsageError that names the mistake
 */
export function readArguments(words: readonly string[], known: readonly string[]): SimulateOptions {
  const { scenario, ...values } = parsed(words);
  if (scenario !== undefined && !known.includes(scenario))
    throw new UsageError(`No scenario "${scenario}"; known: ${known.join(', ')}.`);
  const seeds = values.seeds === undefined ? SEEDS : seedsOf(values.seeds);
  const days = positive('days', values.days, PRESETS.days);
  const size = positive('size', values.size, PRESETS.size);
  const { trace: isTraced = false, shrink: isShrunk = false } = values;
  if (isTraced && isShrunk) throw new UsageError('--trace and --shrink exclude each other. Shrink first, then trace.');
  if (isTraced && (scenario === undefined || seeds.first !== seeds.last))
    throw new UsageError(
      `--trace prints one run. Name a scenario and a seed: --scenario ${scenario ?? known[0] ?? 'NAME'} --seeds ${seeds.first} --trace.`,
    );
  return {
    scenarios: scenario === undefined ? known : [scenario],
    ...{ seeds, days, size, isTraced, isShrunk },
    isRunTwice: values['check-determinism'] ?? false,
    isFull: scenario === undefined && countOf(seeds) >= countOf(SEEDS) && size >= PRESETS.size && days >= PRESETS.days,
  };
}

/** The number of seeds in a range. */
export function countOf({ first, last }: Seeds): number {
  return last - first + 1;
}

/** A range as the command line takes it. */
export function seedsText({ first, last }: Seeds): string {
  return first === last ? String(first) : `${first}..${last}`;
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        scenario: { type: 'string' },
        seeds: { type: 'string' },
        days: { type: 'string' },
        size: { type: 'string' },
        trace: { type: 'boolean' },
        shrink: { type: 'boolean' },
        'check-determinism': { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

function seedsOf(text: string): Seeds {
  const [, from, to] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to ?? from)];
  if (from === undefined || !Number.isSafeInteger(first) || !Number.isSafeInteger(last))
    throw new UsageError(`--seeds takes a whole number or a range such as 1..200, not "${text}".`);
  if (first > last)
    throw new UsageError(`--seeds ${text} is an empty range. Begin with the smaller seed: ${last}..${first}.`);
  return { first, last };
}

function positive(name: 'days' | 'size', text: string | undefined, preset: number): number {
  if (text === undefined) return preset;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new UsageError(`--${name} takes a number above 0, not "${text}".`);
  return value;
}
