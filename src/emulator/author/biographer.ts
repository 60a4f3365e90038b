import { eventOf, lifeOf, outlineOf, personOf } from './life.js';
import { plantedIn } from './defects.js';
import { phrasesOf } from './phrases.js';
import { chapterOf, writeSection } from './section.js';
import type { Task } from './task.js';

/** What the author of books works with. */
export interface Commission {
  readonly seed: number | string;
  readonly task: Task;
  /** Plants defects, by the answer key. */
  readonly isCareless: boolean;
}

/** The whole answer to a task. Equal commissions, equal answers; a repair has the text of the section without its defect. */
export function writeTask({ seed, task, isCareless }: Commission): string {
  const { kind, subject, language, section } = task;
  const life = lifeOf(seed, subject, language);
  if (kind === 'outline') return JSON.stringify(outlineOf(life, phrasesOf(language), task));
  if (kind === 'judge') return JSON.stringify({ verdict: 'accept', problems: [] });
  const planted = isCareless ? plantedIn(seed, subject, section) : undefined;
  const isRepair = kind === 'repair';
  const defect = isRepair && planted?.isStubborn !== true ? undefined : planted?.defect;
  const text = writeSection({ seed, life, task, defect });
  // A text that was cut has nothing behind it.
  return kind !== 'chapter' || defect === 'cut' ? text : `${text}\n\n${canonBlock(task, life)}`;
}

function canonBlock({ section, language }: Task, life: ReturnType<typeof lifeOf>): string {
  const chapter = chapterOf(section);
  const { event } = eventOf(life, chapter);
  const { name, born, died, role } = personOf(life, chapter);
  const summary = phrasesOf(language).brief(section, event);
  return `<canon>\n${JSON.stringify({ summary, people: [{ name, born, died, role }], events: [] })}\n</canon>`;
}
