import { spawn, spawnSync } from 'node:child_process';
import type { Emulator } from 'scriptorium/testing';
import { HANGS_AFTER_MS } from '../support/hangs.js';
import { aFolder, CLI, to } from './run-cli.js';

// util-linux's `script` gives a program a terminal. Elsewhere (macOS has another one of that name) such tests are left out;
// in CI they run in any case, and fail where it is missing.
const version = spawnSync('script', ['--version'], { encoding: 'utf8' }).output as readonly (string | null)[] | null;
/** Whether a program can be given a terminal here. */
export const hasTerminals = process.env.CI === 'true' || version?.some((text) => text?.includes('util-linux')) === true;

/** Runs `generate` in a terminal of its own, by default one so wide that most texts need no line ends; what is written to its `stdin` is typed there. */
export function inTerminal(emulator: Emulator, args: readonly string[], { folder = aFolder(), columns = 400 } = {}) {
  const command = [process.execPath, CLI, 'generate', ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', `stty cols ${columns}; exec ${command}`, '/dev/null'], {
    cwd: folder,
    env: { PATH: process.env.PATH, TERM: 'xterm-256color', ...to(emulator) },
    timeout: HANGS_AFTER_MS,
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
  });
  const ended = new Promise<{ code: number | null; screen: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, screen: plain(screen) })),
  );
  return { child, screen: () => plain(screen), ended };
}

/** Without colours and cursor movements; a line that was drawn anew stands there again. */
const plain = (screen: string): string =>
  screen
    .replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
    .replaceAll('\r\n', '\n')
    .replaceAll('\r', '\n');
