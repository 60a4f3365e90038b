/** The most lines that an excerpt has. */
const MOST = 25;

/** The arrival of a piece of a body: `3490.172 writer: 295 bytes`. */
const ARRIVAL = /^(\S+) (.+): (\d+) bytes$/;

const TIMER = /^\S+ (.+): timer$/;

/**
 * The lines of a trace that show how a violation came about: those of the generations and processes that its message
 * names, or all but the timers of hosts if it names none; the last 25 of them. Pieces of bodies that arrive one after the
 * other are one line.
 * @param processes names of the processes of the world
 */
export function excerptOf(message: string, lines: readonly string[], processes: readonly string[]): readonly string[] {
  const names = processes.filter((name) => wordIn(message, name));
  const generations = names.flatMap((name) => message.match(generationOf(name)) ?? []);
  const isConcerned = (line: string): boolean =>
    names.length === 0
      ? !isTimerOfHost(line, processes)
      : names.some((name) => wordIn(line, name)) && !isOfAnother(line, names, generations);
  return joined(lines.filter(isConcerned)).slice(-MOST);
}

/** A host sets a timer for each piece that it writes. */
function isTimerOfHost(line: string, processes: readonly string[]): boolean {
  const [, owner] = TIMER.exec(line) ?? [];
  return owner !== undefined && !processes.includes(owner);
}

/** Whether a line is about another generation than those that are named. */
function isOfAnother(line: string, names: readonly string[], generations: readonly string[]): boolean {
  const mentioned = names.flatMap((name) => line.match(generationOf(name)) ?? []);
  return generations.length > 0 && mentioned.length > 0 && !mentioned.some((name) => generations.includes(name));
}

/** Joins consecutive arrivals at one process: `3821.585 writer: 5412 bytes in 23 pieces`. */
function joined(lines: readonly string[]): readonly string[] {
  const result: string[] = [];
  let last: { readonly owner: string; readonly bytes: number; readonly pieces: number } | undefined;
  for (const line of lines) {
    const [, at, owner, bytes] = ARRIVAL.exec(line) ?? [];
    if (at === undefined || owner === undefined) {
      last = undefined;
      result.push(line);
      continue;
    }
    const before = last?.owner === owner ? last : { owner, bytes: 0, pieces: 0 };
    last = { owner, bytes: before.bytes + Number(bytes), pieces: before.pieces + 1 };
    if (last.pieces > 1) result.pop();
    result.push(last.pieces === 1 ? line : `${at} ${owner}: ${last.bytes} bytes in ${last.pieces} pieces`);
  }
  return result;
}

function wordIn(text: string, word: string): boolean {
  return new RegExp(`(?<!\\w)${escaped(word)}(?!\\w)`).test(text);
}

function generationOf(process: string): RegExp {
  return new RegExp(`(?<!\\w)${escaped(process)}-\\d+(?!\\w)`, 'g');
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
