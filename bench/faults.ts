// Runs the fault suite and prints the table of docs/faults.md with the results: `npm run faults`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Row {
  readonly row: number;
  readonly fault: string;
  readonly outcome: string;
}

interface Result {
  readonly passed: number;
  readonly all: number;
}

interface JestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Reads the rows of the page. */
function specifiedRows(): readonly Row[] {
  const lines = readFileSync(join(root, 'docs/faults.md'), 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, row, fault, outcome] = /^\| (\d+) \| (.+?) \| (.+) \|$/.exec(line) ?? [];
    return row === undefined || fault === undefined || outcome === undefined
      ? []
      : [{ row: Number(row), fault, outcome }];
  });
}

/** Runs the suite. */
function runSuite(): { readonly status: number | null; readonly report: JestReport } {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-faults-'));
  const file = join(folder, 'report.json');
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    'test/faults',
    '--json',
    `--outputFile=${file}`,
    '--silent',
  ];
  try {
    const { status } = spawnSync(process.execPath, jest, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    return { status, report: JSON.parse(readFileSync(file, 'utf8')) as JestReport };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Counts the tests of each row. A test's name begins with its row, or its rows: `97, 98: …`. */
function resultsByRow({ testResults }: JestReport): ReadonlyMap<number, Result> {
  const results = new Map<number, Result>();
  for (const { title, status } of testResults.flatMap(({ assertionResults }) => assertionResults)) {
    const [, rows = ''] = /^([\d, ]+):/.exec(title) ?? [];
    for (const row of rows
      .split(',')
      .filter((part) => part.trim() !== '')
      .map(Number)) {
      const { passed, all } = results.get(row) ?? { passed: 0, all: 0 };
      results.set(row, { passed: passed + (status === 'passed' ? 1 : 0), all: all + 1 });
    }
  }
  return results;
}

function verdictOf({ outcome }: Row, result: Result | undefined): string {
  if (result === undefined) return outcome.startsWith('later') ? 'later' : 'MISSING';
  const failed = result.all - result.passed;
  return failed === 0 ? `ok (${result.all})` : `FAILED (${failed} of ${result.all})`;
}

function printTable(rows: readonly (Row & { readonly verdict: string })[]): void {
  const width = (name: 'fault' | 'outcome') => Math.max(...rows.map((row) => row[name].length));
  const [faultWidth, outcomeWidth] = [width('fault'), width('outcome')];
  const line = (row: string | number, fault: string, outcome: string) =>
    `${String(row).padStart(4)}  ${fault.padEnd(faultWidth)}  ${outcome.padEnd(outcomeWidth)}`;
  console.log(`${line('row', 'fault', 'outcome')}  ok (tests)`);
  for (const { row, fault, outcome, verdict } of rows) console.log(`${line(row, fault, outcome)}  ${verdict}`);
}

const { status, report } = runSuite();
const results = resultsByRow(report);
const rows = specifiedRows().map((row) => ({ ...row, verdict: verdictOf(row, results.get(row.row)) }));
printTable(rows);

const numbers = new Set(rows.map(({ row }) => row));
const unlisted = [...results.keys()].filter((row) => !numbers.has(row));
const bad = rows.filter(({ verdict }) => verdict === 'MISSING' || verdict.startsWith('FAILED'));
const badRows = bad.length > 0 ? ` (${bad.map(({ row }) => row).join(', ')})` : '';
console.log(`\n${rows.length} rows: ${rows.length - bad.length} as they should be, ${bad.length} not${badRows}.`);
if (unlisted.length > 0) console.log(`Tests of rows that docs/faults.md does not have: ${unlisted.join(', ')}.`);
process.exitCode = status === 0 && bad.length === 0 && unlisted.length === 0 ? 0 : 1;
