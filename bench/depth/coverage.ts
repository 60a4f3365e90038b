import { Session } from 'node:inspector';
import type { Profiler } from 'node:inspector';

/** A function that has run, and how often. */
export interface RunFunction {
  readonly url: string;
  readonly name: string;
  readonly count: number;
}

/** V8's precise coverage of this thread: every function that runs, with its number of calls. */
export class Coverage {
  private readonly session = new Session();

  /** Counts from now on. Modules that were loaded before count only where they run again. */
  start(): void {
    this.session.connect();
    this.session.post('Profiler.enable');
    this.session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  }

  /** Returns the functions that have run since the start or the last take. Synchronous, as the session is of the same thread. */
  take(): readonly RunFunction[] {
    let scripts: readonly Profiler.ScriptCoverage[] = [];
    this.session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error;
      scripts = result;
    });
    return scripts.flatMap(({ url, functions }) =>
      functions
        .map(({ functionName, ranges }) => ({ url, name: functionName, count: ranges[0]?.count ?? 0 }))
        .filter(({ count }) => count > 0),
    );
  }

  stop(): void {
    this.session.disconnect();
  }
}
