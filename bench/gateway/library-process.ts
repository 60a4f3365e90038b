import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BenchPipelineOptions } from './bench-pipeline.js';
import type { Work, WorkResult } from './work.js';

/** The pipeline as a library, and a bare client, in a process of their own. */
export interface LibraryProcess {
  make(work: Work): Promise<WorkResult>;
  stop(): void;
}

export async function startLibraryProcess(options: BenchPipelineOptions): Promise<LibraryProcess> {
  const program = fileURLToPath(new URL('./library-program.js', import.meta.url));
  const child = fork(program, [JSON.stringify(options)], { execArgv: [] });
  await once(child, 'message');
  return {
    make: async (work) => {
      child.send(work);
      const [result] = (await once(child, 'message')) as [WorkResult];
      return result;
    },
    stop: () => child.disconnect(),
  };
}
