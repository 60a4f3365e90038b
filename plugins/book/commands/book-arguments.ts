import { parseArgs } from 'node:util';
import { didYouMean } from 'scriptorium/plugin';
import { asObject } from 'scriptorium/provider';
import { wrong } from '../book-error.js';

/** The options of all forms of the command; each accepts those of its own list. */
const OPTIONS = {
  chapters: { type: 'string' },
  words: { type: 'string' },
  language: { type: 'string' },
  sections: { type: 'string' },
  output: { type: 'string', short: 'o' },
  layout: { type: 'string' },
  model: { type: 'string', short: 'm' },
  'judge-model': { type: 'string' },
  outline: { type: 'string' },
  sources: { type: 'string' },
  budget: { type: 'string' },
  prompts: { type: 'string' },
  collection: { type: 'string' },
  concurrency: { type: 'string' },
  plan: { type: 'boolean' },
  wait: { type: 'boolean' },
  demo: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type OptionName = keyof typeof OPTIONS;

/** What the command is asked to do. */
export type BookAction = 'write' | 'resume' | 'check';

const ALLOWED: Readonly<Record<BookAction, readonly OptionName[]>> = {
  write: Object.keys(OPTIONS).filter((name) => name !== 'json') as OptionName[],
  resume: ['output', 'budget', 'concurrency', 'wait', 'demo'],
  check: ['json'],
};

/** The command line of `scriptorium book`, checked as far as it can be without reading files. */
export interface BookArguments {
  readonly action: BookAction | 'help';
  /** The subject, or the folder. */
  readonly word: string | undefined;
  readonly chapters: number | undefined;
  readonly words: number | undefined;
  readonly language: string | undefined;
  readonly sections: readonly string[] | undefined;
  readonly output: string | undefined;
  readonly layout: string | undefined;
  readonly model: string | undefined;
  readonly judgeModel: string | undefined;
  readonly outline: string | undefined;
  readonly sources: string | undefined;
  readonly budgetUsd: number | undefined;
  readonly prompts: string | undefined;
  readonly collection: string | undefined;
  readonly concurrency: number | undefined;
  readonly plan: boolean;
  readonly wait: boolean;
  readonly demo: boolean;
  readonly json: boolean;
}

/** @throws GenerationError `invalid-input` that says what would be right */
export function bookArguments(args: readonly string[]): BookArguments {
  const { values, positionals } = parsed(args);
  const [first, ...rest] = positionals;
  const isHelp = values.help === true || (first === undefined && values.collection === undefined) || first === 'help';
  const action = first === 'resume' || first === 'check' ? first : 'write';
  const [word, extra] = action === 'write' ? [first, rest[0]] : [rest[0], rest[1]];
  if (!isHelp) checkWords(action, { word, extra, collection: values.collection });
  if (!isHelp) checkOptions(action, Object.keys(values));
  return {
    action: isHelp ? 'help' : action,
    word,
    chapters: mapped(values.chapters, (text) => wholeNumber('--chapters', text)),
    words: mapped(values.words, (text) => wholeNumber('--words', text)),
    sections: mapped(values.sections, (text) => text.split(',').map((kind) => kind.trim())),
    budgetUsd: mapped(values.budget, dollarsOf),
    concurrency: mapped(values.concurrency, (text) => wholeNumber('--concurrency', text)),
    judgeModel: filled('--judge-model', values['judge-model']),
    ...textsOf(values),
    ...{
      plan: values.plan === true,
      wait: values.wait === true,
      demo: values.demo === true,
      json: values.json === true,
    },
  };
}

const TEXTS = ['language', 'output', 'layout', 'model', 'outline', 'sources', 'prompts', 'collection'] as const;

function textsOf(values: Readonly<Partial<Record<(typeof TEXTS)[number], string | undefined>>>) {
  return Object.fromEntries(TEXTS.map((name) => [name, filled(`--${name}`, values[name])])) as Readonly<
    Record<(typeof TEXTS)[number], string | undefined>
  >;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw wrong(problemIn(error));
  }
}

function problemIn(error: unknown): string {
  const { code, message } = asObject(error) ?? {};
  const [line = ''] = String(message ?? error).split('\n');
  const [, option = ''] = /'(-[^']*)'/u.exec(line) ?? [];
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return line;
  return `There is no option ${option}.${didYouMean(
    option,
    Object.keys(OPTIONS).map((name) => `--${name}`),
  )}`;
}

function checkWords(
  action: BookAction,
  { word, extra, collection }: Readonly<Record<'word' | 'extra' | 'collection', string | undefined>>,
): void {
  if (action !== 'write' && word === undefined)
    throw wrong(`The folder of the book is missing. Use: scriptorium book ${action} DIR`);
  if (action === 'write' && word !== undefined && collection !== undefined)
    throw wrong(`Give a subject or --collection, not both: "${word}" and "${collection}".`);
  if (extra === undefined) return;
  const hint =
    action === 'write' ? ` Put a subject of several words in quotes: scriptorium book "${word} ${extra}"` : '';
  throw wrong(`"${extra}" is one word too many.${hint}`);
}

function checkOptions(action: BookAction, names: readonly string[]): void {
  const foreign = names.find((name) => !(ALLOWED[action] as readonly string[]).includes(name));
  if (foreign === undefined) return;
  const command = action === 'write' ? 'book' : `book ${action}`;
  throw wrong(`"${command}" has no option --${foreign}. See: scriptorium book --help`);
}

function mapped<T>(value: string | undefined, read: (value: string) => T): T | undefined {
  return value === undefined ? undefined : read(value);
}

function filled(option: string, value: string | undefined): string | undefined {
  if (value?.trim() === '') throw wrong(`${option} is empty.`);
  return value;
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/u.test(text) && Number(text) > 0) return Number(text);
  throw wrong(`${option} is "${text}"; it must be a whole number above 0.`);
}

function dollarsOf(text: string): number {
  const dollars = /^\d+(\.\d+)?$/u.test(text) ? Number(text) : Number.NaN;
  if (dollars > 0 && dollars < Infinity) return dollars;
  throw wrong(`--budget is "${text}"; it must be US dollars above 0, such as 2.50.`);
}
