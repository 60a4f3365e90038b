import type { Turn } from '../conversation.js';

/** What an author of books is asked for, as a request names it: `<task kind="chapter" section="chapter-01" words="900" … />`. */
export interface Task {
  /** `outline`, `chapter`, `repair`, `judge`, or a kind of section. */
  readonly kind: string;
  readonly subject: string;
  readonly language: string;
  readonly section: string;
  readonly heading: string;
  readonly words: number;
  readonly chapters: number;
  /** What stands behind it: for a repair, the section as it is. */
  readonly rest: string;
}

const TASK = /<task((?: \w+="(?:[^"\\]|\\.)*")+) \/>/u;
const ATTRIBUTE = /(\w+)=("(?:[^"\\]|\\.)*")/gu;

/** The task of a conversation: that of the last turn of the user which has one. */
export function taskOf(turns: readonly Turn[]): Task | undefined {
  for (const { role, text } of turns.toReversed()) {
    const found = role === 'user' ? TASK.exec(text) : null;
    if (found !== null) return taskIn(found[1] ?? '', text.slice(found.index + found[0].length));
  }
  return undefined;
}

function taskIn(attributes: string, rest: string): Task {
  const values = Object.fromEntries(
    Array.from(attributes.matchAll(ATTRIBUTE), ([, name = '', value = '""']) => [name, JSON.parse(value) as string]),
  );
  const { kind = '', subject = '', language = 'en', section = '', heading = '', words, chapters } = values;
  return {
    kind,
    subject,
    language,
    section,
    heading,
    words: Number(words ?? 0),
    chapters: Number(chapters ?? 0),
    rest,
  };
}
