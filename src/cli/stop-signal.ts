import { EXIT } from './exit-codes.js';
import type { Shell } from './shell.js';

/** The stop of a command from outside. */
export interface StopSignal {
  readonly signal: AbortSignal;
  /** The exit code of the first stop; undefined if there was none. */
  readonly exitCode: () => number | undefined;
  /** Stops the command; the program then ends with this exit code. */
  readonly stop: (exitCode: number) => void;
  /** Stops listening to signals. */
  readonly release: () => void;
}

/** Listens for the first SIGINT or SIGTERM. A second signal, of either kind, ends the process at once. */
export function stopSignal({ signals }: Pick<Shell, 'signals'>): StopSignal {
  const controller = new AbortController();
  let code: number | undefined;
  const stop = (exitCode: number): void => {
    code ??= exitCode;
    controller.abort();
  };
  const release = (): void => {
    signals.off('SIGINT', interrupt);
    signals.off('SIGTERM', terminate);
  };
  const stopWith = (exitCode: number): void => {
    release();
    stop(exitCode);
  };
  const interrupt = (): void => stopWith(EXIT.interrupted);
  const terminate = (): void => stopWith(EXIT.terminated);
  signals.once('SIGINT', interrupt);
  signals.once('SIGTERM', terminate);
  return { signal: controller.signal, exitCode: () => code, stop, release };
}
