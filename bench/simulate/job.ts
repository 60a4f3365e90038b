import type { CoverageData } from '../../test/simulation/coverage.js';

/** One run of one scenario, as a worker receives it. */
export interface Job {
  readonly scenario: string;
  readonly seed: number;
  readonly size: number;
  readonly days: number;
  /** Runs it twice and compares the traces. */
  readonly isTwice: boolean;
}

/** Something that a run shows and that must not be. */
export interface Violation {
  /**
   * `invariant`: a check failed, or the scenario threw. `determinism`: the seed gave two traces. `crash`: the worker ended
   * or hung.
   */
  readonly kind: 'invariant' | 'determinism' | 'crash';
  readonly message: string;
  /** The lines that lead to it, the latest last. */
  readonly trace: readonly string[];
}

/** The result of a run: plain data, since it crosses a process boundary. */
export interface JobResult {
  readonly coverage: CoverageData;
  /** Virtual milliseconds. */
  readonly elapsedMs: number;
  /** SHA-256 of the trace. */
  readonly digest: string;
  readonly cpuMs: number;
  readonly violations: readonly Violation[];
}
