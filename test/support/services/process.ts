import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';

/** A program that a test has started. */
export interface Service {
  readonly pid: number;
  /** What it has printed. */
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** Ends it by a signal, and resolves when it is gone. */
  stop(name?: NodeJS.Signals): Promise<void>;
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
}

/** How a service is started. */
export interface ServiceOptions {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Runs before the program: `['ip', 'netns', 'exec', 'a']`. */
  readonly within?: readonly string[] | undefined;
}

/** Starts a program that runs until it is stopped. */
export function startService(command: string, args: readonly string[], options: ServiceOptions = {}): Service {
  const { within = [], uid, gid } = options;
  const [program = command, ...rest] = [...within, command, ...args];
  const child = spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<void>((resolve, reject) => {
    child.on('close', () => resolve());
    child.on('error', reject);
  });
  ended.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    output: () => output,
    signal: (name) => void child.kill(name),
    stop: (name = 'SIGTERM') => {
      child.kill(name);
      return ended;
    },
    ended,
  };
}

/** A port of the loopback that was free a moment ago. */
export function aFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** The path of a program; undefined if it is not installed. */
export function programAt(name: string, ...folders: readonly string[]): string | undefined {
  return [...folders, ...(process.env.PATH ?? '').split(delimiter)]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}
