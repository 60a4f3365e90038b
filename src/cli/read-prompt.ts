import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { GenerationError } from 'scriptorium';
import type { Shell } from './shell.js';

/** The prompt from the command line, a file, or standard input. @throws `invalid-input` if there is none, or two */
export async function readPrompt(words: readonly string[], file: string | undefined, shell: Shell): Promise<string> {
  if (words.length > 0 && file !== undefined)
    throw new GenerationError(
      'invalid-input',
      'There are two prompts: give it as an argument or with --file, not both.',
    );
  const prompt = await find(words, file, shell);
  if (prompt.trim() === '')
    throw new GenerationError(
      'invalid-input',
      'There is no prompt: give it as an argument, with --file, or on standard input.',
    );
  return prompt.trimEnd();
}

async function find(words: readonly string[], file: string | undefined, { stdin, folder }: Shell): Promise<string> {
  if (words.length > 0) return words.join(' ');
  if (file !== undefined) return readPromptFile(file, folder);
  return stdin.isTTY === true ? '' : text(stdin);
}

async function readPromptFile(file: string, folder: string): Promise<string> {
  try {
    return await readFile(resolve(folder, file), 'utf8');
  } catch (error) {
    throw new GenerationError('invalid-input', `The prompt file ${file} cannot be read: ${String(error)}`, {
      cause: error,
    });
  }
}
