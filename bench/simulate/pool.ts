import { availableParallelism } from 'node:os';
import type { Job, JobResult } from './job.js';
import { WorkerProcess } from './worker-process.js';

/** Workers, one a core, to whom jobs are handed out one at a time. */
export class Pool {
  private readonly workers = Array.from({ length: availableParallelism() }, () => new WorkerProcess());

  /** Runs all jobs. Their results come in any order. */
  async run(jobs: readonly Job[], done: (job: Job, result: JobResult) => void): Promise<void> {
    const left = jobs.values();
    const serve = async (worker: WorkerProcess): Promise<void> => {
      for (const job of left) done(job, await worker.run(job));
    };
    await Promise.all(this.workers.map(serve));
  }

  stop(): void {
    for (const worker of this.workers) worker.stop();
  }
}
