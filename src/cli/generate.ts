import { Option } from 'commander';
import { catchError, from, mergeMap, throwError } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Command } from 'commander';
import { GenerationError } from 'scriptorium';
import type { GenerationInput } from 'scriptorium';
import { shown } from '../shown/shown-text.js';
import type { DraftMode } from '../files/draft-file.js';
import { EXIT } from './exit-codes.js';
import { configOption, demoOption, label, modelOption, number, providerOption } from './options.js';
import { advised } from './model-advice.js';
import { isDemo, withPipeline } from './open-pipeline.js';
import type { Opened, PipelineFlags } from './open-pipeline.js';
import { outputFile } from './output-file.js';
import type { OutputFile } from './output-file.js';
import { noProgress, notesOnly } from './progress.js';
import type { Progress } from './progress.js';
import { readPrompt } from './read-prompt.js';
import { say } from './say.js';
import type { Shell } from './shell.js';
import { write } from './write.js';
import type { OpenGeneration, WriteParts } from './write.js';

interface GenerateOptions extends PipelineFlags {
  readonly file?: string;
  readonly system?: string;
  /** `false`: not sent. The same for the next two. */
  readonly maxTokens?: number | false;
  readonly temperature?: number | false;
  readonly topP?: number | false;
  readonly label?: Record<string, string>;
  readonly wire?: 'sse' | 'json';
  readonly json?: true;
  readonly output?: string;
  readonly force?: true;
  readonly append?: true;
}

/** `scriptorium generate`: a prompt goes in, a text comes out. Text alone goes to stdout. */
export function addGenerate(program: Command, shell: Shell): void {
  program
    .command('generate')
    .description('write a text from a prompt (as an argument, from --file, or on standard input)')
    .argument('[prompt...]')
    .option('-f, --file <path>', 'read the prompt from a file')
    .option('-s, --system <text>', 'system prompt')
    .addOption(providerOption())
    .addOption(modelOption())
    .option('--max-tokens <n>', 'most tokens of the answer', number)
    .option('--no-max-tokens', 'send no cap: the model has its own')
    .option('--temperature <n>', 'sampling temperature, 0 to 2', number)
    .option('--no-temperature', 'send no temperature: the model has its own')
    .option('--top-p <n>', 'nucleus sampling, 0 to 1', number)
    .option('--no-top-p', 'send no top-p: the model has its own')
    .option('-l, --label <name=value>', 'label for the statistics; may be given more than once', label)
    .addOption(new Option('--wire <kind>', 'how the answer travels').choices(['sse', 'json']))
    .option('--json', 'print the whole result as one JSON object')
    .option('-o, --output <path>', 'write the text to a new file; a cut text is kept as <path>.partial')
    .addOption(new Option('--force', 'replace the output file, once the new text is whole').conflicts('append'))
    .option('--append', 'add the text to the end of the output file, once it is whole')
    .option('-q, --quiet', 'print nothing but the text and errors')
    .addOption(configOption())
    .addOption(demoOption())
    .option('--demo-without-key', 'the same, but only if there is no key')
    .action(async (words: readonly string[], options: GenerateOptions) => {
      shell.exitWith(await generate(words, options, shell));
    });
}

async function generate(words: readonly string[], options: GenerateOptions, shell: Shell): Promise<number> {
  if (options.output === undefined && (options.force === true || options.append === true))
    throw new GenerationError('invalid-input', 'The options --force and --append need a file: --output <path>.');
  const prompt = await readPrompt(words, options.file, shell);
  noteIgnored(options, shell);
  return withPipeline({ ...options, asked: { system: options.system, prompt }, shell }, (opened) =>
    writeText(opened, inputFrom(prompt, { ...options, model: opened.choice.model }), { ...options, shell }),
  );
}

function noteIgnored(options: GenerateOptions, shell: Shell): void {
  const { model, provider, quiet } = options;
  const [name, value] = model === undefined ? ['--provider', provider] : ['--model', model];
  if (value === undefined || quiet === true || !isDemo({ ...options, shell })) return;
  say(shell.stderr, shown`scriptorium: ${name} ${value} is ignored: the demo always recites Moby-Dick.\n`);
}

function inputFrom(
  prompt: string,
  {
    system,
    model,
    maxTokens,
    temperature,
    topP,
    label: labels,
    wire,
  }: Omit<GenerateOptions, 'model'> & {
    readonly model: string | undefined;
  },
): GenerationInput {
  const [cap, warmth, nucleus] = [maxTokens, temperature, topP].map((value) => (value === false ? null : value));
  const given = { system, model, maxTokens: cap, temperature: warmth, topP: nucleus, labels, wire };
  return { prompt, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

async function writeText(
  { pipeline, choice }: Opened,
  input: GenerationInput,
  options: GenerateOptions & { readonly shell: Shell },
): Promise<number> {
  const { json, quiet, shell } = options;
  const output = STDOUT.has(options.output ?? '') ? undefined : options.output;
  const { stdout, stderr } = shell;
  if (quiet !== true && choice.because !== undefined) say(stderr, shown`scriptorium: ${choice.because}.\n`);
  const isTextVisible = output === undefined && json !== true && stdout.isTTY === true;
  const progress =
    quiet === true ? noProgress : stderr.isTTY === true ? await watched(stderr, isTextVisible) : notesOnly(stderr);
  // Nobody sees the text of a JSON object before its end, so it may be begun again.
  const open = (signal: AbortSignal) =>
    (json === true ? pipeline.start({ ...input, signal }).events : pipeline.stream({ ...input, signal })).pipe(
      catchError((error: unknown) => from(advised(error, pipeline)).pipe(mergeMap(failed))),
    );
  const parts = { asJson: json === true, progress, shell };
  return output === undefined
    ? write(open, { ...parts, destination: stdout })
    : writeFile(open, parts, await outputFile(output, { folder: shell.folder, mode: modeOf(options) }));
}

const failed = (error: unknown): Observable<never> => throwError(() => error);

/** Names of standard output. It may be a socket, which cannot be opened again. */
const STDOUT: ReadonlySet<string> = new Set(['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']);

/** The exit code is that of the text, or of the file if only that has failed. */
async function writeFile(
  open: OpenGeneration,
  parts: Omit<WriteParts, 'destination'>,
  file: OutputFile,
): Promise<number> {
  const ending = await write(open, { ...parts, destination: file.stream });
  const { isFinished, note } = await file.close(ending === EXIT.ok);
  if (note !== undefined) say(parts.shell.stderr, shown`scriptorium: ${note}\n`);
  return ending === EXIT.ok && !isFinished ? EXIT.failed : ending;
}

function modeOf({ force, append }: GenerateOptions): DraftMode {
  return append === true ? 'append' : force === true ? 'replace' : 'new';
}

/** The spinner is loaded only where somebody sees it. */
async function watched(stderr: Shell['stderr'], isTextVisible: boolean): Promise<Progress> {
  return (await import('./terminal-progress.js')).terminalProgress(stderr, isTextVisible);
}
