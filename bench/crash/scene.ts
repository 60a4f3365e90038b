import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator } from '../../src/testing.js';
import type { Emulator } from '../../src/testing.js';
import { seededRandom } from '../kit/seeded-random.js';
import { randomFaults } from './faults.js';
import { startProgram } from './program.js';
import type { Program } from './program.js';
import type { CrashSettings } from './settings.js';

const NAME = 'book';
const TOKENS_A_WORD = 1.4;

/** A batch file of chapters in a folder of its own, and the vendor that writes them. */
export class CrashScene {
  readonly folder = mkdtempSync(join(tmpdir(), 'scriptorium-crash-'));
  readonly out = join(this.folder, 'OUT.jsonl');
  /** The address of the journal. */
  readonly journal: string;

  private constructor(
    readonly settings: CrashSettings,
    readonly emulator: Emulator,
    private readonly cli: string,
  ) {
    this.journal = settings.journal ?? `sqlite:${join(this.folder, '.scriptorium', 'runs.db')}`;
    const lines = this.ids.map((id) =>
      JSON.stringify({
        custom_id: id,
        method: 'POST',
        url: '/v1/chat/completions',
        body: {
          model: this.model,
          max_tokens: this.settings.maxTokens,
          messages: [{ role: 'user', content: promptOf(id) }],
        },
      }),
    );
    writeFileSync(join(this.folder, `${NAME}.jsonl`), `${lines.join('\n')}\n`);
    writeFileSync(
      join(this.folder, 'scriptorium.config.json'),
      JSON.stringify(configuration(this.settings, this.journal)),
    );
  }

  /** @param cli the built program */
  static async open(settings: CrashSettings, cli: string): Promise<CrashScene> {
    const { seed, words, tokensPerSecond, rate } = settings;
    const fault = randomFaults(seededRandom(seed), { rate, tokens: words * TOKENS_A_WORD });
    const emulator = await startEmulator({ seed, words, tokensPerSecond, fault });
    return new CrashScene(settings, emulator, cli);
  }

  /** The custom ids of all chapters. */
  get ids(): readonly string[] {
    return Array.from({ length: this.settings.chapters }, (_, at) => `chapter-${at + 1}`);
  }

  /** Starts `scriptorium batch run`. */
  start(...more: readonly string[]): Program {
    const { concurrency, budgetUsd } = this.settings;
    const budget = budgetUsd === 0 ? [] : ['--budget', String(budgetUsd)];
    const options = ['--concurrency', String(concurrency), ...budget, ...more];
    return this.command('batch', 'run', `${NAME}.jsonl`, '-o', this.out, ...options);
  }

  /** Starts another command of the program. */
  command(...args: readonly string[]): Program {
    const env = { OPENROUTER_API_KEY: 'sk-or-v1-crash', OPENROUTER_BASE_URL: this.emulator.url };
    return startProgram(this.cli, args, { folder: this.folder, env });
  }

  /** The whole text of a chapter, as the vendor knows it. */
  textOf(id: string): string {
    return this.emulator.textFor({ model: this.model, messages: [{ role: 'user', content: promptOf(id) }] });
  }

  /** The texts of the output, in its order. */
  outputs(): readonly Output[] {
    if (!existsSync(this.out)) return [];
    const lines = readFileSync(this.out, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => {
      const { custom_id: id, response } = JSON.parse(line) as OutputLine;
      const [choice] = response?.body.choices ?? [];
      return { id, text: choice?.message.content, finishReason: choice?.finish_reason };
    });
  }

  async close(): Promise<void> {
    await this.emulator.close();
    rmSync(this.folder, { recursive: true });
  }

  private get model(): string {
    return `scriptorium/${this.settings.kind}`;
  }
}

/** A line of the output file. The text is undefined if the chapter has failed. */
export interface Output {
  readonly id: string;
  readonly text: string | undefined;
  readonly finishReason: string | undefined;
}

interface OutputLine {
  readonly custom_id: string;
  readonly response: { readonly body: { readonly choices: readonly Choice[] } } | null;
}

interface Choice {
  readonly message: { readonly content: string };
  readonly finish_reason: string;
}

/** The prompt of a chapter. */
export function promptOf(id: string): string {
  return `Write ${id} of the life of Ada Lovelace.`;
}

/** Short waits and many attempts. */
function configuration({ kind, checkpointMs }: CrashSettings, journal: string): object {
  const prefill = kind === 'exact' ? { prefill: { 'scriptorium/exact': 'exact' } } : {};
  return {
    plugins: { openrouter: prefill, runs: { journal, checkpointMs, tries: 50, restarts: 1_000 } },
    retry: { maxAttempts: 8, baseMs: 5, capMs: 200, budget: { refillPerSecond: 500 } },
    continuity: { onLength: 'continue' },
    breaker: { openMs: 100, longestOpenMs: 400 },
    timeouts: { firstTokenMs: 3_000, idleMs: 1_500, contentIdleMs: 1_500 },
  };
}
