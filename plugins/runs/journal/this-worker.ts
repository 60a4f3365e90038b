import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Worker } from './item.js';

/** A new worker of this process. */
export function thisWorker(): Worker {
  const { machine, startedAt } = thisProcess();
  return { id: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`, machine, pid: process.pid, startedAt };
}

/** What identifies this process: the machine, and its start. It never changes. */
export function thisProcess(): Pick<Worker, 'machine' | 'startedAt'> {
  // The name, this start of the system, and the space in which pids count: containers have their own.
  const parts = [
    hostname(),
    readOr(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    readOr(() => readlinkSync('/proc/self/ns/pid')),
  ];
  const startedAt = processStat(process.pid)?.startedAt ?? `${Math.round(performance.timeOrigin)}`;
  return { machine: parts.filter((part) => part !== undefined).join(' '), startedAt };
}

/**
 * Whether the process of a worker lives. Those of other machines and containers are believed to, for this one cannot ask for
 * them; and so are processes with the same pid where the system does not say when they started.
 */
export function isProcessAlive({ machine, pid, startedAt }: Worker, here = thisProcess()): boolean {
  if (machine !== here.machine) return true;
  if (pid === process.pid) return startedAt === here.startedAt;
  const stat = processStat(pid);
  if (stat !== undefined) return !stat.isDead && stat.startedAt === startedAt;
  return processStat(process.pid) === undefined && exists(pid);
}

/** Reads `/proc/PID/stat` (man 5 proc): after the name in brackets, the state is the 1st field, the start the 20th. */
function processStat(pid: number): { readonly isDead: boolean; readonly startedAt: string } | undefined {
  const stat = readOr(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startedAt = fields?.[19];
  return startedAt === undefined ? undefined : { isDead: /^[ZXx]/.test(fields?.[0] ?? ''), startedAt };
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function readOr(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
