import type { ConfigInput } from 'scriptorium';
import { startEmulator } from '../emulator/emulator.js';

/** A reader's pace: fast enough not to bore, slow enough to be seen. */
const TOKENS_PER_SECOND = 80;

export interface Demo {
  /** Points the OpenRouter provider to the emulator. */
  readonly config: ConfigInput;
  close(): Promise<void>;
}

/** Starts the emulator in this process, so that the whole chain can be tried without a key. */
export async function startDemo(): Promise<Demo> {
  const emulator = await startEmulator({ tokensPerSecond: TOKENS_PER_SECOND });
  return {
    config: {
      defaults: { model: 'scriptorium/embedded-ngram' },
      plugins: { openrouter: { baseUrl: emulator.url, apiKey: 'demo' } },
    },
    close: () => emulator.close(),
  };
}
