import { parseArgs } from 'node:util';
import { GenerationError } from 'scriptorium';
import type { Dimension, Filter } from './report/dimension.js';
import type { Grouping } from './report/report.js';

/** What `scriptorium stats` was asked for. */
export interface StatsArguments {
  readonly by: readonly Grouping[];
  readonly where: readonly { readonly text: string; readonly filter: Filter }[];
  /** Epoch milliseconds. */
  readonly since: number | undefined;
  readonly file: string;
  readonly output: { readonly kind: 'table' | 'json' | 'csv' } | { readonly kind: 'html'; readonly file: string };
  /** Show the budgets instead of the ledger. */
  readonly wantsBudgets: boolean;
  /** Prepare the ledger. */
  readonly wantsMigration: boolean;
  readonly wantsHelp: boolean;
}

const OPTIONS = {
  by: { type: 'string', multiple: true },
  where: { type: 'string', multiple: true },
  since: { type: 'string' },
  file: { type: 'string' },
  json: { type: 'boolean', default: false },
  csv: { type: 'boolean', default: false },
  html: { type: 'string' },
  budgets: { type: 'boolean', default: false },
  migrate: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** The page that is written where `--html` names none. */
const PAGE = 'scriptorium-stats.html';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** @param defaults the file of the configuration, and now. @throws `invalid-input` that says what would be right */
export function statsArguments(
  args: readonly string[],
  defaults: { readonly file: string; readonly now: number },
): StatsArguments {
  const { json, csv, html, budgets, migrate, help, ...query } = parsed(args);
  const { by = ['model'], where = [], since, file = defaults.file } = query;
  if ([json, csv, html !== undefined].filter(Boolean).length > 1)
    throw wrong('Of --json, --csv and --html only one can be given.');
  if (budgets && (csv || html !== undefined || where.length > 0))
    throw wrong('--budgets prints a table, or JSON with --json, of all budgets.');
  return {
    by: groupingsOf(by),
    where: where.map((text) => ({ text, filter: filterOf(text) })),
    since: since === undefined ? undefined : timeOf(since, defaults.now),
    file,
    wantsBudgets: budgets,
    wantsMigration: migrate,
    wantsHelp: help,
    output: html === undefined ? { kind: json ? 'json' : csv ? 'csv' : 'table' } : { kind: 'html', file: html },
  };
}

/** `--html` may stand without a name. */
function parsed(args: readonly string[]) {
  const named = args.flatMap((word, index) =>
    word === '--html' && (args[index + 1] ?? '-').startsWith('-') ? [word, PAGE] : [word],
  );
  try {
    return parseArgs({ args: named, options: OPTIONS }).values;
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

/** Several dimensions make a group of each combination. Of all labels a generation may have several values, so they stand alone. */
function groupingsOf(texts: readonly string[]): readonly Grouping[] {
  const groupings = [...new Set(texts)].map((text) => ({ text, dimension: dimensionOf(text) }));
  if (groupings.length > 1 && groupings.some(({ dimension }) => dimension.kind === 'labels'))
    throw wrong('--by label stands alone. Name the labels, such as --by label:book --by label:chapter.');
  return groupings;
}

function filterOf(text: string): Filter {
  const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === '') throw wrong(`--where is "${text}"; it must be a label and its value, such as book=ada.`);
  if (name === 'model' || name === 'provider') return { kind: name, value };
  return { kind: 'label', name: name.replace(/^label:/, ''), value };
}

function dimensionOf(by: string): Dimension {
  if (by === 'model' || by === 'provider' || by === 'day') return { kind: by };
  if (by === 'label') return { kind: 'labels' };
  const name = /^label:(.+)$/s.exec(by)?.[1];
  if (name === undefined)
    throw wrong(
      `--by is "${by}"; it must be model, provider, day, label, or one label by its name, such as label:book.`,
    );
  return { kind: 'label', name };
}

function timeOf(since: string, now: number): number {
  const [, count, unit = ''] = /^(\d{1,6})([mhdw])$/.exec(since) ?? [];
  if (count !== undefined) return now - Number(count) * (UNITS[unit] ?? 0);
  const time = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(since) ? Date.parse(since) : Number.NaN;
  if (Number.isNaN(time))
    throw wrong(
      `--since is "${since}"; it must be a number with m, h, d or w, such as 7d, or a date in UTC, such as 2026-11-01 or 2026-11-01T08:00:00Z.`,
    );
  return time;
}

function wrong(message: string): GenerationError {
  return new GenerationError('invalid-input', `stats: ${message}`);
}
