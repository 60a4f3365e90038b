import { readFileSync, readlinkSync } from 'node:fs';

/** Names processes in what they share, so that others notice when one has died. */
export interface ProcessMarks {
  /** The mark of this process: letters, digits and dots. Empty where processes cannot be told apart. */
  readonly own: string;
  /** Whether the process of a mark is known to have died. One of another machine or container never is. */
  readonly isGone: (mark: string) => boolean;
}

/**
 * The processes of this machine, on Linux: a mark is the boot, the namespace, the id and the start of a process, so that a
 * process that got the id of an earlier one is not taken for it.
 */
export function processMarks(): ProcessMarks {
  const place = placeOfProcesses();
  const start = startOf(process.pid);
  if (place === undefined || start === undefined) return { own: '', isGone: () => false };
  // A process that has died does not come back.
  const gone = new Set<string>();
  return {
    own: `${place}.${process.pid}.${start}`,
    isGone: (mark) => {
      if (!gone.has(mark) && isGone(mark, `${place}.`)) gone.add(mark);
      return gone.has(mark);
    },
  };
}

function isGone(mark: string, place: string): boolean {
  const [, id, start] = (mark.startsWith(place) && /^(\d+)\.(\d+)$/.exec(mark.slice(place.length))) || [];
  if (id === undefined) return false;
  const pid = Number(id);
  // It may be another user's, and hidden.
  return !isRunning(pid) || (startOf(pid) ?? start) !== start;
}

/** The boot of the machine and the namespace of process ids; undefined where the system does not name them. */
function placeOfProcesses(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').replaceAll(/\W/g, '').slice(0, 12);
    const namespace = readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '');
    return boot === '' || namespace === '' ? undefined : `${boot}.${namespace}`;
  } catch {
    return undefined;
  }
}

/** When a process started, in ticks since the boot; `dead` if it has ended and its parent has not noticed. */
function startOf(pid: number): string | undefined {
  try {
    // The name of the program may have blanks and brackets.
    const [state = '', ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return state === 'Z' || state === 'X' ? 'dead' : fields[18];
  } catch {
    return undefined;
  }
}

/** A process of another user is running, too, though it takes no signals of ours. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
