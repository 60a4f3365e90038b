import { fstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { GenerationError } from 'scriptorium';
import { shown } from '../shown/shown-text.js';
import { say } from './say.js';
import type { Shell } from './shell.js';
import { hasInput } from './silent-input.js';

/** The name of standard input among arguments and files. */
const STDIN = '-';

/**
 * The prompt: the argument or a file, joined by what comes on standard input. `-` in either place asks for standard input; else
 * it is read only if something comes.
 * @throws `invalid-input` if there is no prompt, or an argument and a file
 */
export async function readPrompt(words: readonly string[], file: string | undefined, shell: Shell): Promise<string> {
  const argument = words.filter((word) => word !== STDIN).join(' ');
  const isFile = file !== undefined && file !== STDIN;
  if (argument !== '' && isFile) throw wrong('There are two prompts: give it as an argument or with --file, not both.');
  const given = isFile ? await readPromptFile(file, shell.folder) : argument;
  const isAsked = file === STDIN || words.includes(STDIN);
  const input = await readInput({ isAsked, isAlone: given.trim() === '' }, shell);
  const prompt = [given.trimEnd(), input.trimEnd()].filter((part) => part.trim() !== '').join('\n\n');
  if (prompt === '') throw wrong('There is no prompt: give it as an argument, with --file, or on standard input.');
  return prompt;
}

interface Wanted {
  /** By `-`. */
  readonly isAsked: boolean;
  /** There is no prompt without it. */
  readonly isAlone: boolean;
}

async function readInput({ isAsked, isAlone }: Wanted, { stdin, stderr }: Shell): Promise<string> {
  if (stdin.isTTY === true) {
    if (!isAsked) return '';
    say(stderr, shown`scriptorium: type the prompt; Ctrl-D on a line of its own ends it\n`);
    return text(stdin);
  }
  if (isAsked || (await hasInput(stdin))) return text(stdin);
  // A pipeline of a shell has a writer, however slow it is.
  if (isAlone || isPipe(stdin)) {
    say(stderr, shown`scriptorium: waiting for standard input\n`);
    return text(stdin);
  }
  // Whoever started the program may have left its end of the pipe open.
  say(stderr, shown`scriptorium: nothing came on standard input, so it is left out; add - to wait for it\n`);
  stdin.destroy();
  return '';
}

function isPipe(stdin: Shell['stdin']): boolean {
  const { fd } = stdin as { readonly fd?: unknown };
  return typeof fd === 'number' && fstatSync(fd).isFIFO();
}

async function readPromptFile(file: string, folder: string): Promise<string> {
  try {
    return await readFile(resolve(folder, file), 'utf8');
  } catch (error) {
    throw wrong(`The prompt file ${file} cannot be read: ${String(error)}`, error);
  }
}

function wrong(message: string, cause?: unknown): GenerationError {
  return new GenerationError('invalid-input', message, { cause });
}
