import { readFileSync, readlinkSync } from 'node:fs';

/** Where and when a process has begun, so that another one can see whether it still runs. */
export interface ProcessMark {
  /** The boot of the machine, and the space in which process ids count: a container has its own. */
  readonly place: string;
  readonly pid: number;
  readonly startedAt: string;
}

const START_TIME = 19;

/** The mark of this process; undefined where the system does not tell (only Linux does). */
export function ownMark(): ProcessMark | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const startedAt = startOf(process.pid);
    if (startedAt === undefined) return undefined;
    return { place: `${boot}/${readlinkSync('/proc/self/ns/pid')}`, pid: process.pid, startedAt };
  } catch {
    return undefined;
  }
}

/** Whether the process of a mark has ended for certain. */
export function isGone(mark: ProcessMark, own: ProcessMark): boolean {
  return mark.place === own.place && startOf(mark.pid) !== mark.startedAt;
}

/** When a process was started; undefined if there is none, or if it waits only for its parent to notice its end. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program may hold blanks and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[START_TIME];
  } catch {
    return undefined;
  }
}

/** A mark as a text. */
export function markText({ place, pid, startedAt }: ProcessMark): string {
  return `${startedAt} ${pid} ${place}`;
}

/** Reads the text of a mark; undefined for anything else. */
export function readMark(text: string): ProcessMark | undefined {
  const [, startedAt, pid, place] = /^(\d+) (\d+) (.+)$/.exec(text) ?? [];
  if (startedAt === undefined || pid === undefined || place === undefined) return undefined;
  return { startedAt, pid: Number(pid), place };
}
