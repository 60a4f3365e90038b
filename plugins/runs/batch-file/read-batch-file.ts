import { didYouMean } from 'scriptorium/plugin';
import type { GenerationInput } from 'scriptorium';
import type { BatchItem } from '../engine/batch-options.js';
import { readBatchLine } from './batch-line.js';
import type { BatchLine } from './batch-line.js';
import { messageOf } from './fs-error.js';
import { readLines } from './read-lines.js';

/** The requests of a batch file, or what is wrong with it. */
export interface BatchFile {
  readonly items: readonly BatchItem[];
  /** The first problems, in the order of the lines: `line 3: …`. */
  readonly problems: readonly string[];
  /** The number of all problems. */
  readonly problemCount: number;
}

/** Dependencies of `readBatchFile`. */
export interface BatchFileParts {
  /** The id of the provider that further fields of bodies are meant for. */
  readonly provider: string;
  /** Checks an input, and throws if it is wrong. */
  readonly check: (input: GenerationInput) => unknown;
}

const MOST_PROBLEMS = 20;

/** Reads a whole batch file and reports every bad line. Empty lines are skipped. @throws an error of the file system */
export async function readBatchFile(path: string, parts: BatchFileParts): Promise<BatchFile> {
  const problems = new Problems();
  const lines = new Map<string, NumberedLine>();
  let number = 0;
  for await (const text of readLines(path)) {
    number += 1;
    if (text?.trim() === '') continue;
    try {
      const line = readLine(text, parts);
      const twin = lines.get(line.customId);
      if (twin !== undefined) throw new Error(`custom_id "${line.customId}" is that of line ${twin.number}, too.`);
      lines.set(line.customId, { ...line, number });
    } catch (error) {
      problems.add(number, messageOf(error));
    }
  }
  // A line that could not be read may be the one that others wait for.
  if (problems.count === 0) checkDependencies(lines, problems);
  return {
    items: [...lines.values()].map(({ customId, after, input }) => ({ id: customId, after, input })),
    problems: problems.first,
    problemCount: problems.count,
  };
}

interface NumberedLine extends BatchLine {
  readonly number: number;
}

/** The first problems, and the number of all. */
class Problems {
  readonly first: string[] = [];
  count = 0;

  add(line: number, problem: string): void {
    this.count += 1;
    if (this.first.length < MOST_PROBLEMS) this.first.push(`line ${line}: ${problem}`);
  }
}

function readLine(text: string | undefined, { provider, check }: BatchFileParts): BatchLine {
  if (text === undefined) throw new Error('it is not valid UTF-8.');
  const line = readBatchLine(text, provider);
  check(line.input);
  return line;
}

function checkDependencies(lines: ReadonlyMap<string, NumberedLine>, problems: Problems): void {
  const ids = [...lines.keys()];
  for (const { number, after } of lines.values())
    for (const id of after)
      if (!lines.has(id)) problems.add(number, `after names "${id}", but no line has it.${didYouMean(id, ids)}`);
  if (problems.count > 0) return;
  for (const { number, customId } of onCycles(lines))
    problems.add(number, `after makes "${customId}" wait for itself, or for a line that does.`);
}

/** The lines that wait, directly or through others, for themselves or for such a line. */
function onCycles(lines: ReadonlyMap<string, NumberedLine>): Iterable<NumberedLine> {
  const left = new Map(lines);
  const open = new Map([...lines].map(([id, { after }]) => [id, new Set(after).size]));
  const dependants = new Map<string, string[]>();
  for (const [id, { after }] of lines) for (const other of new Set(after)) listIn(dependants, other).push(id);
  const free = [...lines.keys()].filter((id) => open.get(id) === 0);
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    left.delete(id);
    for (const dependant of dependants.get(id) ?? []) {
      const others = (open.get(dependant) ?? 0) - 1;
      open.set(dependant, others);
      if (others === 0) free.push(dependant);
    }
  }
  return left.values();
}

function listIn(lists: Map<string, string[]>, key: string): string[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
