import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator, EmulatorOptions } from 'scriptorium/testing';
import { runProgram } from '../../src/cli/program.js';
import { eventually } from '../support/eventually.js';
import { HANGS_AFTER_MS } from '../support/hangs.js';

/** What `npm run build` made; `npm test` does that first. */
export const CLI = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
if (!existsSync(CLI)) throw new Error('There is no dist/: run "npm run build" first, as "npm test" does.');

export interface CliOptions {
  /** All the variables there are, but for PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** The working folder. By default an empty one. */
  readonly folder?: string;
  /** What comes on standard input; nothing by default. */
  readonly input?: string;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of the program that is under way. */
export interface Running {
  /** Standard output so far. */
  readonly stdout: () => string;
  readonly ended: Promise<Ending>;
  /** Sends a signal. */
  kill(signal: 'SIGINT' | 'SIGTERM'): void;
  /** Resolves as soon as standard output holds this. */
  shows(text: string | RegExp): Promise<void>;
}

/** A run in a process of its own. */
export interface RunningProcess extends Running {
  readonly child: ChildProcess;
}

const folders: string[] = [];
const emulators: Emulator[] = [];

/** An emulator of this test's own, so that tests can run beside each other. Its texts are short. */
export async function anEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({ words: 60, ...options });
  emulators.push(emulator);
  return emulator;
}

/** A new folder with these files in it. */
export function aFolder(files: Readonly<Record<string, string | object>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'scriptorium-')));
  folders.push(folder);
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return folder;
}

/** For `afterAll` of each file. */
export async function cleanUp(): Promise<void> {
  await Promise.all(emulators.splice(0).map((emulator) => emulator.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}

/** The variables that lead to an emulator. */
export function to({ url }: { readonly url: string }): Record<string, string> {
  return { OPENROUTER_API_KEY: 'sk-or-v1-e2e', OPENROUTER_BASE_URL: url, OPENROUTER_MODEL: 'scriptorium/exact' };
}

/**
 * Runs the program to its end, in this process. Not in `it.concurrent`: when the first of several tests ends, jest refuses
 * the imports of the others.
 */
export function cli(args: readonly string[], options?: CliOptions): Promise<Ending> {
  return run(args, options).ended;
}

/**
 * Runs the program in this process, with streams, variables, folder and signals of its own. Not for what depends on the
 * process: real signals, terminals, closed pipes, and what plugins and the logger write to `process` itself.
 */
export function run(args: readonly string[], { env = {}, folder = aFolder(), input = '' }: CliOptions = {}): Running {
  const output = { stdout: '', stderr: '' };
  const signals = new EventEmitter();
  let code: number = 0;
  const shell = {
    stdin: Readable.from([input]),
    stdout: collectInto(output, 'stdout'),
    stderr: collectInto(output, 'stderr'),
    env: { PATH: process.env.PATH, ...env },
    folder,
    signals,
    exitWith: (exitCode: number) => {
      code = exitCode;
    },
  };
  const ended = runProgram(args, shell).then(() => ({ code, signal: null, ...output }));
  return { ended, kill: (signal) => void signals.emit(signal), ...watched(output) };
}

function collectInto(output: Record<'stdout' | 'stderr', string>, name: keyof typeof output): Writable {
  return new Writable({
    decodeStrings: false,
    write: (text: string, _, done) => {
      output[name] += text;
      done();
    },
  });
}

function watched(output: { readonly stdout: string }): Pick<Running, 'stdout' | 'shows'> {
  const holds = (text: string | RegExp) =>
    typeof text === 'string' ? output.stdout.includes(text) : text.test(output.stdout);
  return { stdout: () => output.stdout, shows: (text) => eventually(() => holds(text)) };
}

/** Starts the program in a process of its own, its standard streams being pipes. */
export function start(
  args: readonly string[],
  { env = {}, folder = aFolder(), input = '' }: CliOptions = {},
): RunningProcess {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    timeout: HANGS_AFTER_MS,
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  // A program that does not read its input may be gone before it is written.
  child.stdin.on('error', () => undefined).end(input);
  const ended = new Promise<Ending>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, ...output })),
  );
  return { child, ended, kill: (signal) => void child.kill(signal), ...watched(output) };
}
