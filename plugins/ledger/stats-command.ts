import type { Writable } from 'node:stream';
import { columnsOf, replaceFile, shown } from 'scriptorium/plugin';
import type { Clock, CommandContext, PluginCommand } from 'scriptorium/plugin';
import { htmlReport } from './page/html-report.js';
import { budgetsReport } from './report/budgets.js';
import { LedgerReader } from './report/ledger-reader.js';
import { csvReport, jsonReport } from './report/machine.js';
import { readReport } from './report/report.js';
import type { Report } from './report/report.js';
import { terminalReport } from './report/terminal.js';
import { openStore } from './open-store.js';
import type { LedgerStore } from './store.js';
import { statsArguments } from './stats-arguments.js';
import type { StatsArguments } from './stats-arguments.js';

export interface StatsCommandParts {
  readonly name: string;
  /** The ledger that is read where the command line names none. */
  readonly file: string;
  readonly clock: Clock;
}

const USUAL_COLUMNS = 80;
const MOST_STRETCHES = { table: 24, json: 60, csv: 60, html: 60 };

/** `scriptorium stats`: what a ledger comes to. */
export function statsCommand({ name, file, clock }: StatsCommandParts): PluginCommand {
  return {
    name,
    description: 'show what was generated and spent, from the ledger',
    run: async (args, { openPipeline, stdout, stderr }) => {
      const asked = statsArguments(args, { file, now: clock.now() });
      if (asked.wantsHelp) stdout.write(statsHelp(name));
      else if (asked.wantsBudgets) {
        const budgets = await (await openPipeline()).budgets();
        stdout.write(budgetsReport(budgets, asked.output.kind === 'json' ? 'json' : 'table'));
      } else {
        const store = await openStore(asked.file, { keepDays: 0, clock });
        try {
          if (asked.wantsMigration) await migrate(store, stderr);
          else await show(asked, store, { now: clock.now(), stdout, stderr });
        } finally {
          await store.close();
        }
      }
      return 0;
    },
  };
}

interface ShowParts extends Pick<CommandContext, 'stdout' | 'stderr'> {
  readonly now: number;
}

async function show(asked: StatsArguments, store: LedgerStore, { now, stdout, stderr }: ShowParts): Promise<void> {
  const { by, where, since, output } = asked;
  await store.read(async (tables) => {
    const reader = new LedgerReader(
      tables,
      where.map(({ filter }) => filter),
    );
    const report = await readReport(reader, {
      ...{ file: store.name, by, since, until: now },
      where: where.map(({ text }) => text),
      mostStretches: MOST_STRETCHES[output.kind],
    });
    if (output.kind !== 'html') {
      stdout.write(printed(report, output.kind, stdout));
      return;
    }
    await replaceFile(output.file, await htmlReport(reader, report, by));
    stderr.write(shown`scriptorium: wrote ${output.file}\n`);
  });
}

async function migrate(store: LedgerStore, stderr: Writable): Promise<void> {
  if (store.migrate === undefined) {
    stderr.write(shown`A ledger in a file needs no preparation.\n`);
    return;
  }
  const { from, to } = await store.migrate();
  stderr.write(
    from === to
      ? shown`The ledger ${store.name} has version ${to} already.\n`
      : shown`The ledger ${store.name} has version ${to} now; it was ${from}.\n`,
  );
}

function printed(report: Report, kind: 'table' | 'json' | 'csv', stdout: Writable): string {
  switch (kind) {
    case 'json':
      return jsonReport(report);
    case 'csv':
      return csvReport(report);
    case 'table':
      return terminalReport(report, columns(stdout));
    default:
      return kind satisfies never;
  }
}

/** Of the terminal; elsewhere the variable COLUMNS, as a shell has it, or 80. */
function columns(stdout: Writable): number {
  const wanted = Number(process.env['COLUMNS']);
  return columnsOf(stdout) ?? (wanted >= 40 ? wanted : USUAL_COLUMNS);
}

/** What `--help` prints. */
export const statsHelp = (name = 'stats'): string => `Usage: scriptorium ${name} [options]

Shows what was generated and spent, from the ledger. Times are UTC.

Options:
  --by <what>     model, provider, day, label, or one label, such as label:book (default: model);
                  may be repeated: --by label:book --by label:chapter
  --where <what>  only what has this value of a label, such as book=ada, or model=…
                  or provider=…; may be repeated
  --since <time>  such as 90m, 24h, 7d, 2w, 2026-11-01 (default: from the beginning)
  --file <path>   the ledger, or its address on PostgreSQL (default: that of the
                  configuration)
  --json          print one JSON object; money is decimal text
  --csv           print a line for each group
  --migrate       prepare the ledger on PostgreSQL, or bring it to this version
  --budgets       show the budgets of the process, the day and each label value instead
  --html [path]   write a page with charts that needs nothing else (default: scriptorium-stats.html)
  -h, --help      show this
`;
