import type { Readable, Writable } from 'node:stream';

/** The surroundings of one run of the program: the process's own in `scriptorium`, a test's in a test. */
export interface Shell {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** The variables. The program adds those of `.env`. */
  readonly env: NodeJS.ProcessEnv;
  /** The variables that `.env` has set, once it is read. */
  readonly fromDotEnv?: ReadonlySet<string>;
  /** The working folder, an absolute path. */
  readonly folder: string;
  /** Emits SIGINT and SIGTERM. */
  readonly signals: Signals;
  /** Sets the exit code; the program ends when its work is done. */
  readonly exitWith: (exitCode: number) => void;
}

/** A stream that may be a terminal. */
export interface Output extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface Signals {
  once(signal: StopSignalName, listener: () => void): unknown;
  off(signal: StopSignalName, listener: () => void): unknown;
}

type StopSignalName = 'SIGINT' | 'SIGTERM';
