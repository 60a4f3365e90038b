import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { Option } from 'commander';
import type { Command } from 'commander';
import type { GenerationInput, Pipeline } from 'scriptorium';
import { configOption, demoOption, label, number } from './options.js';
import { isDemo, withPipeline } from './open-pipeline.js';
import type { PipelineFlags } from './open-pipeline.js';
import { outputFile } from './output-file.js';
import { noProgress, notesOnly } from './progress.js';
import type { Progress } from './progress.js';
import { readPrompt } from './read-prompt.js';
import type { Shell } from './shell.js';
import { write } from './write.js';

interface GenerateOptions extends PipelineFlags {
  readonly file?: string;
  readonly system?: string;
  readonly model?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly label?: Record<string, string>;
  readonly wire?: 'sse' | 'json';
  readonly json?: true;
  readonly output?: string;
}

/** `scriptorium generate`: a prompt goes in, a text comes out. Text alone goes to stdout. */
export function addGenerate(program: Command, shell: Shell): void {
  program
    .command('generate')
    .description('write a text from a prompt (as an argument, from --file, or on standard input)')
    .argument('[prompt...]')
    .option('-f, --file <path>', 'read the prompt from a file')
    .option('-s, --system <text>', 'system prompt')
    .option('-m, --model <id>', 'model')
    .option('--max-tokens <n>', 'most tokens of the answer', number)
    .option('--temperature <n>', 'sampling temperature, 0 to 2', number)
    .option('--top-p <n>', 'nucleus sampling, 0 to 1', number)
    .option('-l, --label <name=value>', 'label for the statistics; may be given more than once', label)
    .addOption(new Option('--wire <kind>', 'how the answer travels').choices(['sse', 'json']))
    .option('--json', 'print the whole result as one JSON object')
    .option('-o, --output <path>', 'write the text into a file')
    .option('-q, --quiet', 'print nothing but the text and errors')
    .addOption(configOption())
    .addOption(demoOption())
    .option('--demo-without-key', 'the same, but only if OPENROUTER_API_KEY is not set')
    .action(async (words: readonly string[], options: GenerateOptions) => {
      shell.exitWith(await generate(words, options, shell));
    });
}

async function generate(words: readonly string[], options: GenerateOptions, shell: Shell): Promise<number> {
  const prompt = await readPrompt(words, options.file, shell);
  const { model, ...others } = options;
  const isModelIgnored = model !== undefined && isDemo(options, shell);
  if (isModelIgnored && options.quiet !== true)
    shell.stderr.write(`scriptorium: --model ${model} is ignored: the demo always recites Moby-Dick.\n`);
  const input = inputFrom(prompt, isModelIgnored ? others : options);
  return withPipeline({ ...options, asked: { system: options.system, prompt }, shell }, (pipeline) =>
    writeText(pipeline, input, { ...options, shell }),
  );
}

function inputFrom(
  prompt: string,
  { system, model, maxTokens, temperature, topP, label: labels, wire }: GenerateOptions,
): GenerationInput {
  const given = { system, model, maxTokens, temperature, topP, labels, wire };
  return { prompt, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

async function writeText(
  pipeline: Pipeline,
  input: GenerationInput,
  { json, output, quiet, shell }: GenerateOptions & { readonly shell: Shell },
): Promise<number> {
  const { stdout, stderr } = shell;
  const destination: Writable = output === undefined ? stdout : await outputFile(resolve(shell.folder, output));
  const isTextVisible = output === undefined && json !== true && stdout.isTTY === true;
  const progress =
    quiet === true ? noProgress : stderr.isTTY === true ? await watched(stderr, isTextVisible) : notesOnly(stderr);
  // Nobody sees the text of a JSON object before its end, so it may be begun again.
  const open = (signal: AbortSignal) =>
    json === true ? pipeline.start({ ...input, signal }).events : pipeline.stream({ ...input, signal });
  const ending = await write(open, { destination, asJson: json === true, progress, shell });
  if (output !== undefined) await new Promise((resolve) => destination.end(resolve));
  return ending;
}

/** The spinner is loaded only where somebody sees it. */
async function watched(stderr: Shell['stderr'], isTextVisible: boolean): Promise<Progress> {
  return (await import('./terminal-progress.js')).terminalProgress(stderr, isTextVisible);
}
