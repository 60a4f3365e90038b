import { parseArgs } from 'node:util';
import { GenerationError } from 'scriptorium';

/** The command line of `scriptorium worker`, checked. */
export interface WorkerArguments {
  readonly isHelp: boolean;
  readonly concurrency: number | undefined;
  /** The number of equal parts of each limit, of which this machine keeps one. */
  readonly parts: number | undefined;
}

/** @throws GenerationError `invalid-input` that says what would be right */
export function workerArguments(args: readonly string[]): WorkerArguments {
  const { help, concurrency, share } = parsed(args).values;
  return {
    isHelp: help === true,
    concurrency: concurrency === undefined ? undefined : concurrencyOf(concurrency),
    parts: share === undefined ? undefined : partsOf(share),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { concurrency: { type: 'string' }, share: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function concurrencyOf(text: string): number {
  const count = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= 10_000) return count;
  throw wrong(`--concurrency is "${text}"; it must be a whole number from 1 to 10000.`);
}

function partsOf(text: string): number {
  const [, parts] = /^1\/([1-9]\d{0,3})$/.exec(text) ?? [];
  if (parts !== undefined) return Number(parts);
  throw wrong(`--share is "${text}"; it must be one of a number of equal parts, such as 1/4.`);
}

function wrong(message: string): GenerationError {
  return new GenerationError('invalid-input', `worker: ${message}`);
}
