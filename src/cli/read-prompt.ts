import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { GenerationError } from 'scriptorium';

/** The prompt from the command line, a file, or standard input. @throws `invalid-input` if there is none, or two */
export async function readPrompt(words: readonly string[], file: string | undefined): Promise<string> {
  if (words.length > 0 && file !== undefined)
    throw new GenerationError(
      'invalid-input',
      'There are two prompts: give it as an argument or with --file, not both.',
    );
  const prompt = await find(words, file);
  if (prompt.trim() === '')
    throw new GenerationError(
      'invalid-input',
      'There is no prompt: give it as an argument, with --file, or on standard input.',
    );
  return prompt.trimEnd();
}

async function find(words: readonly string[], file: string | undefined): Promise<string> {
  if (words.length > 0) return words.join(' ');
  if (file !== undefined) return readPromptFile(file);
  return process.stdin.isTTY ? '' : text(process.stdin);
}

async function readPromptFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new GenerationError('invalid-input', `The prompt file ${file} cannot be read: ${String(error)}`, {
      cause: error,
    });
  }
}
