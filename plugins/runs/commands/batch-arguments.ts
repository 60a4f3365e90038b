import { parseArgs } from 'node:util';
import { GenerationError } from 'scriptorium';
import { didYouMean } from 'scriptorium/plugin';
import type { OutputOrder } from '../batch-file/output-lines.js';
import { optionProblem } from './option-problem.js';

/** The options of all subcommands; each accepts those of its own list. */
const OPTIONS = {
  output: { type: 'string', short: 'o' },
  name: { type: 'string' },
  concurrency: { type: 'string' },
  budget: { type: 'string' },
  label: { type: 'string', short: 'l', multiple: true },
  wait: { type: 'boolean' },
  order: { type: 'string' },
  force: { type: 'boolean' },
  watch: { type: 'boolean', short: 'w' },
  json: { type: 'boolean' },
  'older-than': { type: 'string' },
  texts: { type: 'string' },
  journal: { type: 'boolean' },
  engine: { type: 'string' },
  detach: { type: 'boolean' },
  interactive: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type OptionName = keyof typeof OPTIONS;

/** What a subcommand takes. */
interface Shape {
  /** The words after it, as its usage names them; optional ones in brackets. */
  readonly words: readonly string[];
  readonly options: readonly OptionName[];
}

const SHAPES = {
  run: {
    words: ['IN.jsonl'],
    options: [
      'output',
      'name',
      'concurrency',
      'budget',
      'label',
      'wait',
      'order',
      'force',
      'engine',
      'detach',
      'interactive',
    ],
  },
  status: { words: ['[RUN]'], options: ['watch', 'json'] },
  resume: { words: ['RUN'], options: ['budget', 'concurrency', 'wait', 'engine', 'detach'] },
  pause: { words: ['RUN'], options: [] },
  cancel: { words: ['RUN', '[ITEM]'], options: [] },
  list: { words: [], options: ['json'] },
  prune: { words: [], options: ['older-than'] },
  export: { words: ['RUN'], options: ['output', 'texts', 'journal', 'order', 'force'] },
  import: { words: ['[FILE]'], options: [] },
  requeue: { words: ['[RUN]'], options: [] },
  migrate: { words: [], options: [] },
} as const satisfies Readonly<Record<string, Shape>>;

/** The name of a subcommand of `scriptorium batch`. */
export type BatchAction = keyof typeof SHAPES;

/** The command line of `scriptorium batch`, checked. */
export interface BatchArguments {
  readonly action: BatchAction | 'help';
  readonly words: readonly string[];
  readonly output: string | undefined;
  readonly name: string | undefined;
  readonly concurrency: number | undefined;
  /** US dollars; 0: no limit. */
  readonly budgetUsd: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly wait: boolean;
  readonly order: OutputOrder | undefined;
  readonly force: boolean;
  readonly watch: boolean;
  readonly json: boolean;
  readonly olderThanMs: number | undefined;
  readonly texts: string | undefined;
  readonly journal: boolean;
  /** Works here, or on the workers of the queue. */
  readonly engine: Engine;
  readonly detach: boolean;
  readonly interactive: boolean;
}

/** Where the items of a run are worked on. */
export type Engine = 'local' | 'bullmq';

/** @throws GenerationError `invalid-input` that says what would be right */
export function batchArguments(args: readonly string[]): BatchArguments {
  const { values, positionals } = parsed(args);
  const [action = 'help', ...words] = positionals;
  const isHelp = values.help === true || action === 'help';
  if (!isHelp) checkShape(action, words, values);
  return {
    action: isHelp ? 'help' : (action as BatchAction),
    words,
    output: filled('-o', values.output),
    name: filled('--name', values.name),
    concurrency: mapped(values.concurrency, concurrencyOf),
    budgetUsd: mapped(values.budget, dollarsOf),
    labels: labelsOf(values.label ?? []),
    order: mapped(values.order, orderOf),
    olderThanMs: mapped(values['older-than'], durationOf),
    texts: filled('--texts', values.texts),
    ...{ wait: values.wait === true, force: values.force === true },
    ...{ watch: values.watch === true, json: values.json === true, journal: values.journal === true },
    engine: engineOf(values),
    ...{ detach: values.detach === true, interactive: values.interactive === true },
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw wrong(optionProblem(error, Object.keys(OPTIONS)));
  }
}

function checkShape(action: string, words: readonly string[], values: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(SHAPES);
  if (!Object.hasOwn(SHAPES, action))
    throw wrong(`"${action}" is not known. Use one of ${names.join(', ')}.${didYouMean(action, names)}`);
  const shape: Shape = SHAPES[action as BatchAction];
  const usage = `scriptorium batch ${[action, ...shape.words].join(' ')}`;
  const missing = shape.words.filter((word) => !word.startsWith('['))[words.length];
  if (missing !== undefined) throw wrong(`${missing} is missing. Use: ${usage}`);
  const extra = words[shape.words.length];
  if (extra !== undefined) throw wrong(`"${extra}" is one word too many. Use: ${usage}`);
  const foreign = Object.keys(values).find((name) => !(shape.options as readonly string[]).includes(name));
  if (foreign !== undefined) throw wrong(`"batch ${action}" has no option --${foreign}. See: scriptorium batch --help`);
}

function mapped<T>(value: string | undefined, read: (value: string) => T): T | undefined {
  return value === undefined ? undefined : read(value);
}

function filled(option: string, value: string | undefined): string | undefined {
  if (value === '') throw wrong(`${option} is empty.`);
  return value;
}

function concurrencyOf(text: string): number {
  const count = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= 10_000) return count;
  throw wrong(`--concurrency is "${text}"; it must be a whole number from 1 to 10000.`);
}

function dollarsOf(text: string): number {
  const dollars = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (dollars < Infinity) return dollars;
  throw wrong(`--budget is "${text}"; it must be US dollars, such as 2.50, or 0 for no limit.`);
}

function orderOf(text: string): OutputOrder {
  if (text === 'input' || text === 'completion') return text;
  throw wrong(`--order is "${text}"; it must be input or completion.`);
}

function engineOf({ engine = 'local', ...values }: Readonly<Record<string, unknown>>): Engine {
  if (engine !== 'local' && engine !== 'bullmq')
    throw wrong(`--engine is "${String(engine)}"; it must be local or bullmq.`);
  const other = ['detach', 'interactive'].find((name) => values[name] === true);
  if (engine === 'local' && other !== undefined) throw wrong(`--${other} needs --engine bullmq.`);
  return engine;
}

function labelsOf(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const split = text.indexOf('=');
      if (split < 1) throw wrong(`--label is "${text}"; it must look like book=ada.`);
      return [text.slice(0, split), text.slice(split + 1)];
    }),
  );
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

function durationOf(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  if (count === undefined)
    throw wrong(`--older-than is "${text}"; it must be a number with m, h, d or w, such as 30d.`);
  return Number(count) * (UNITS[unit] ?? 0);
}

/** An error of the command line. */
export function wrong(message: string): GenerationError {
  return new GenerationError('invalid-input', `batch: ${message}`);
}
