import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { isProcessAlive, thisWorker } from '../../../plugins/runs/journal/this-worker.js';
import type { Worker } from '../../../plugins/runs/journal/item.js';
import { eventually } from '../../support/eventually.js';

describe('the worker of this process', () => {
  it('is another one each time, of the same living process', () => {
    const [one, two] = [thisWorker(), thisWorker()];
    expect(one.id).not.toBe(two.id);
    expect({ ...one, id: '' }).toEqual({ ...two, id: '' });
    expect(one.pid).toBe(process.pid);
    expect(isProcessAlive(one)).toBe(true);
  });

  it('is dead if the process of its pid has started at another time', () => {
    expect(isProcessAlive({ ...thisWorker(), startedAt: '1' })).toBe(false);
  });

  it('is believed to live if it is of another machine', () => {
    expect(isProcessAlive({ ...thisWorker(), machine: 'elsewhere', pid: 2 ** 30 })).toBe(true);
  });
});

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('the worker of another process', () => {
  const workerOf = (pid: number): Worker => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { ...thisWorker(), pid, startedAt: fields[19]! };
  };

  it('lives until it is killed', async () => {
    const child = spawn('sleep', ['1000']);
    const worker = workerOf(child.pid!);
    expect(isProcessAlive(worker)).toBe(true);
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    expect(isProcessAlive(worker)).toBe(false);
  });

  it('is dead while its parent has not yet asked for its end', async () => {
    // The shell becomes a program that never asks for the end of its children.
    const parent = spawn('bash', ['-c', 'sleep 0 & echo $!; exec sleep 1000']);
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(String(line));
    await eventually(() => / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
    expect(isProcessAlive(workerOf(pid))).toBe(false);
    parent.kill('SIGKILL');
  });
});
