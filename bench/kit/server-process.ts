import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A server in a process of its own, so that only the client's CPU is measured. */
export interface ServerProcess {
  /** The base URL. */
  readonly url: string;
  stop(): void;
}

/** Forks a server program, which sends its base URL once it listens and ends with the IPC channel. */
export async function startServerProcess(program: URL, options: unknown): Promise<ServerProcess> {
  const child = fork(fileURLToPath(program), [JSON.stringify(options)], { execArgv: [] });
  const [url] = (await once(child, 'message')) as [string];
  return { url, stop: () => child.disconnect() };
}

/** Starts the emulator in a process of its own. */
export function startEmulatorProcess(options: {
  readonly words?: number;
  readonly tokensPerSecond?: number;
}): Promise<ServerProcess> {
  return startServerProcess(new URL('./emulator-process.js', import.meta.url), options);
}

/** The options that `startServerProcess` passed to this process. */
export function serverOptions(): unknown {
  return JSON.parse(process.argv[2] ?? '{}');
}
