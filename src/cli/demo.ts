import type { ConfigInput } from 'scriptorium';
import { startEmulator } from '../emulator/emulator.js';
import { DEFAULT_MODEL } from '../emulator/models.js';
import { chapterOf } from '../emulator/recital.js';
import { hasKey } from './providers/has-key.js';
import type { Shell } from './shell.js';

/** A reader's pace: fast enough not to bore, slow enough to be seen. */
const TOKENS_PER_SECOND = 80;

/** What the demo is asked for; the place in the book follows from it. */
export interface DemoPrompt {
  readonly system?: string | undefined;
  readonly prompt: string;
}

export interface Demo {
  /** Points the OpenRouter provider to the emulator. */
  readonly config: ConfigInput;
  /** Says where the text comes from; with a prompt, from which chapter. */
  heading(asked?: DemoPrompt): string;
  close(): Promise<void>;
}

/** Starts the emulator in this process, so that the whole chain can be tried without a key. It is slow only in a terminal. */
export async function startDemo({ env, stdout, stderr }: Shell): Promise<Demo> {
  const isWatched = stdout.isTTY === true || stderr.isTTY === true;
  const emulator = await startEmulator(isWatched ? { tokensPerSecond: TOKENS_PER_SECOND } : {});
  const placeOf = ({ system, prompt }: DemoPrompt): string => {
    const messages = [
      ...(system === undefined ? [] : [{ role: 'system', content: system }]),
      { role: 'user', content: prompt },
    ];
    const chapter = chapterOf(emulator.textFor({ messages }));
    return chapter === undefined ? '' : `, from Chapter ${chapter.number}, ${chapter.title}`;
  };
  return {
    config: {
      proxy: false,
      defaults: { provider: 'openrouter', model: DEFAULT_MODEL },
      plugins: { openrouter: { baseUrl: emulator.url, apiKey: 'demo' } },
    },
    heading: (asked) =>
      `${hasKey('openrouter', { environment: env }) ? 'Demo' : 'No OPENROUTER_API_KEY'}: the emulator recites Moby-Dick (Melville, 1851)${asked === undefined ? '' : placeOf(asked)}.`,
    close: () => emulator.close(),
  };
}
