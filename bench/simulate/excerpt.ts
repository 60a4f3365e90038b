/** The most lines that an excerpt has. */
const MOST = 25;

/**
 * The lines of a trace that show how a violation came about: those of the generations and processes that its message
 * names, or all if it names none; the last 25 of them.
 * @param processes names of the processes of the world
 */
export function excerptOf(message: string, lines: readonly string[], processes: readonly string[]): readonly string[] {
  const names = processes.filter((name) => hasWord(message, name));
  const concerned = lines.filter((line) => names.some((name) => hasWord(line, name)));
  const generations = names.flatMap((name) => message.match(new RegExp(`\\b${escaped(name)}-\\d+\\b`, 'g')) ?? []);
  const shown = concerned.filter((line) => !isOfAnother(line, names, generations));
  return (names.length === 0 ? lines : shown).slice(-MOST);
}

/** Whether a line is about another generation than those that are named. */
function isOfAnother(line: string, names: readonly string[], generations: readonly string[]): boolean {
  if (generations.length === 0) return false;
  const others = names.some((name) => new RegExp(`\\b${escaped(name)}-\\d+\\b`).test(line));
  return others && !generations.some((generation) => new RegExp(`\\b${escaped(generation)}\\b`).test(line));
}

function hasWord(text: string, word: string): boolean {
  return new RegExp(`(?<![\\w])${escaped(word)}(?![\\w])`).test(text);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
