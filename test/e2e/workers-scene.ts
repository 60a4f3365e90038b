import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator, EmulatorOptions } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { aFolder, start, to } from './run-cli.js';
import type { Ending, RunningProcess } from './run-cli.js';

const MODEL = 'scriptorium/exact';
const messagesOf = (id: string) => [{ role: 'user', content: `Write ${id}.` }];

/** Where the workers of a scene meet. */
export interface Stores {
  readonly queue: string;
  /** By default the SQLite of the folder. */
  readonly journal?: string;
  /** Further settings of `plugins.runs`. */
  readonly runs?: Readonly<Record<string, unknown>>;
}

/** An emulator, a folder, and the programs that work in it. */
export class WorkersScene {
  private readonly programs: RunningProcess[] = [];

  private constructor(
    readonly emulator: Emulator,
    readonly folder: string,
  ) {}

  static async open({ queue, journal, runs = {} }: Stores, options: EmulatorOptions = {}): Promise<WorkersScene> {
    const emulator = await startEmulator({ words: 60, ...options });
    const settings = { ...runs, ...(journal !== undefined && { journal }) };
    const config = { plugins: { runs: settings, bullmq: { url: queue } } };
    return new WorkersScene(emulator, aFolder({ 'scriptorium.config.json': config }));
  }

  /** Writes a batch file `NAME.jsonl`. */
  write(name: string, ids: readonly string[]): void {
    const lines = ids.map((custom_id) => ({
      ...{ custom_id, method: 'POST', url: '/v1/chat/completions' },
      body: { model: MODEL, messages: messagesOf(custom_id) },
    }));
    writeFileSync(join(this.folder, `${name}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  start(args: readonly string[]): RunningProcess {
    const program = start(args, { folder: this.folder, env: to(this.emulator) });
    this.programs.push(program);
    return program;
  }

  /** A worker that is ready. */
  async worker(concurrency = 4, ...options: readonly string[]): Promise<Worker> {
    const program = this.start(['worker', '--concurrency', String(concurrency), ...options]);
    let log = '';
    program.child.stderr?.on('data', (text: string) => (log += text));
    const worker = { program, log: () => log };
    await eventually(() => log.includes('Ready for') || program.child.exitCode !== null);
    return worker;
  }

  /** Leaves the items of a batch file to the workers, and watches them. */
  run(name: string, ...options: readonly string[]): RunningProcess {
    return this.start(['batch', 'run', `${name}.jsonl`, '-o', `${name}.out.jsonl`, '--engine', 'bullmq', ...options]);
  }

  command(...args: readonly string[]): Promise<Ending> {
    return this.start(args).ended;
  }

  async stateOf(name: string): Promise<{ readonly state: string; readonly items: Readonly<Record<string, number>> }> {
    return JSON.parse((await this.command('batch', 'status', name, '--json')).stdout) as never;
  }

  /** The texts of an output, by item. */
  texts(name: string): Readonly<Record<string, unknown>> {
    const lines = readFileSync(join(this.folder, `${name}.out.jsonl`), 'utf8')
      .trimEnd()
      .split('\n');
    return Object.fromEntries(
      lines.map((line) => {
        const { custom_id, response, error } = JSON.parse(line) as {
          custom_id: string;
          response: { body: { choices: readonly [{ message: { content: string } }] } } | null;
          error: unknown;
        };
        return [custom_id, response?.body.choices[0].message.content ?? error];
      }),
    );
  }

  expected(ids: readonly string[]): Readonly<Record<string, string>> {
    return Object.fromEntries(ids.map((id) => [id, this.emulator.textFor({ model: MODEL, messages: messagesOf(id) })]));
  }

  /** The items that were asked for, in the order of the requests. */
  get asked(): readonly string[] {
    return this.emulator.requests.map(({ body }) => /Write ([\w-]+)\./.exec(JSON.stringify(body))?.[1] ?? '');
  }

  /** Ends what is left. */
  async close(): Promise<void> {
    for (const { child } of this.programs) if (child.exitCode === null) child.kill('SIGKILL');
    await Promise.all(this.programs.map(({ ended }) => ended));
    await this.emulator.close();
  }
}

export interface Worker {
  readonly program: RunningProcess;
  readonly log: () => string;
}
