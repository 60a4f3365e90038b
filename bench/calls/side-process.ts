import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Batch, BatchResult, SideOptions } from './protocol.js';

/** A side in its process. */
export interface Side {
  make(batch: Batch): Promise<BatchResult>;
  stop(): void;
}

export function startSide(options: SideOptions): Side {
  const child = fork(fileURLToPath(new URL('./side.js', import.meta.url)), [JSON.stringify(options)], { execArgv: [] });
  const ended = once(child, 'exit').then(([code]: unknown[]): never => {
    throw new Error(`A side ended with exit code ${String(code)}.`);
  });
  ended.catch(() => undefined);
  return {
    make: async (batch) => {
      child.send(batch);
      const [result] = (await Promise.race([once(child, 'message'), ended])) as [BatchResult];
      return result;
    },
    stop: () => child.disconnect(),
  };
}
