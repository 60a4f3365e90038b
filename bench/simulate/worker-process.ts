import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Coverage } from '../../test/simulation/coverage.js';
import type { Job, JobResult } from './job.js';

/** The machine's milliseconds after which a job is given up: it loops without an event. */
const LONGEST_JOB_MS = 15 * 60_000;

/** A worker in a process of its own, which is replaced if it ends within a job. */
export class WorkerProcess {
  private child: ChildProcess | undefined;

  /** Runs a job. A worker that ends or hangs is a violation of the job. */
  run(job: Job): Promise<JobResult> {
    const child = (this.child ??= fork(fileURLToPath(new URL('./worker.js', import.meta.url)), [], { execArgv: [] }));
    return new Promise((resolve) => {
      const settle = (result: JobResult): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        resolve(result);
      };
      const lose = (message: string): void => {
        this.child = undefined;
        child.kill('SIGKILL');
        settle(lost(message));
      };
      const timer = setTimeout(
        () => lose(`The run took more than ${LONGEST_JOB_MS / 60_000} minutes.`),
        LONGEST_JOB_MS,
      );
      child.once('message', (result: JobResult) => settle(result));
      child.once('exit', (code, signal) => lose(`The worker ended with ${signal ?? `exit code ${code}`}.`));
      child.once('error', (error) => lose(`The worker failed: ${error.message}`));
      child.send(job);
    });
  }

  stop(): void {
    this.child?.disconnect();
  }
}

function lost(message: string): JobResult {
  const violations = [{ kind: 'crash' as const, message, trace: [] }];
  return { coverage: new Coverage().data, elapsedMs: 0, digest: '', cpuMs: 0, violations };
}
