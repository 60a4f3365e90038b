import type { Command } from 'commander';
import { shown, shownJson } from '../shown/shown-text.js';
import { DEFAULT_MODEL } from '../emulator/models.js';
import { number, port } from './options.js';
import { lines, print, say } from './say.js';
import type { Shell } from './shell.js';

interface EmulatorFlags {
  readonly port: number;
  readonly tokensPerSecond: number;
  readonly json?: true;
}

/** `scriptorium emulator`: OpenRouter's protocol on this machine; its texts come from Moby-Dick. */
export function addEmulator(program: Command, shell: Shell): void {
  program
    .command('emulator')
    .description("serve OpenRouter's protocol on 127.0.0.1, with Moby-Dick for an answer")
    .option('-p, --port <n>', 'port; 0 for a free one', port, 0)
    .option('--tokens-per-second <n>', 'pace; 0 for as fast as possible', number, 60)
    .option('--json', 'print one JSON object')
    .action(async ({ json, ...options }: EmulatorFlags) => {
      const { startEmulator } = await import('../emulator/emulator.js');
      const emulator = await startEmulator(options);
      if (json === true) print(shell.stdout, lines(shownJson({ url: emulator.url, model: DEFAULT_MODEL })));
      else say(shell.stdout, shown`${emulator.url}\n`);
      say(
        shell.stderr,
        shown`The emulator recites Moby-Dick; it is not an LLM. Use it with OPENROUTER_BASE_URL=${emulator.url} OPENROUTER_API_KEY=any OPENROUTER_MODEL=${DEFAULT_MODEL}\n`,
      );
      for (const signal of ['SIGINT', 'SIGTERM'] as const) shell.signals.once(signal, () => void emulator.close());
    });
}
