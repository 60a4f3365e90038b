// Runs the fault suite and prints the table of docs/faults.md with what was found: `npm run faults`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'scriptorium-faults-'));
const report = join(folder, 'report.json');

/** The rows of the page: number, fault, outcome. */
function specifiedRows() {
  const lines = readFileSync(join(root, 'docs/faults.md'), 'utf8').split('\n');
  return lines.map((line) => /^\| (\d+) \| (.+?) \| (.+) \|$/.exec(line)).filter(Boolean).map(([, row, fault, outcome]) => ({ row: Number(row), fault, outcome }));
}

/** How the tests of each row went. A test's name begins with its row, or its rows: `97, 98: …`. */
function resultsByRow() {
  const results = new Map();
  for (const { assertionResults } of JSON.parse(readFileSync(report, 'utf8')).testResults) {
    for (const { title, status } of assertionResults) {
      const [, rows = ''] = /^([\d, ]+):/.exec(title) ?? [];
      for (const row of rows.split(',').filter((part) => part.trim() !== '').map(Number)) {
        const { passed = 0, all = 0 } = results.get(row) ?? {};
        results.set(row, { passed: passed + (status === 'passed' ? 1 : 0), all: all + 1 });
      }
    }
  }
  return results;
}

function verdict({ outcome, result }) {
  if (result === undefined) return outcome.startsWith('later') ? 'later' : 'MISSING';
  return result.passed === result.all ? `ok (${result.all})` : `FAILED (${result.all - result.passed} of ${result.all})`;
}

const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', 'test/faults', '--json', `--outputFile=${report}`, '--silent'];
const { status } = spawnSync(process.execPath, jest, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
const results = resultsByRow();
rmSync(folder, { recursive: true });

const rows = specifiedRows().map((row) => ({ ...row, result: results.get(row.row) })).map((row) => ({ ...row, verdict: verdict(row) }));
const width = (name) => Math.max(...rows.map((row) => String(row[name]).length));
const [faultWidth, outcomeWidth] = [width('fault'), width('outcome')];
console.log(`${'row'.padStart(4)}  ${'fault'.padEnd(faultWidth)}  ${'outcome'.padEnd(outcomeWidth)}  ok (tests)`);
for (const { row, fault, outcome, verdict: found } of rows) console.log(`${String(row).padStart(4)}  ${fault.padEnd(faultWidth)}  ${outcome.padEnd(outcomeWidth)}  ${found}`);

const numbers = new Set(rows.map(({ row }) => row));
const unlisted = [...results.keys()].filter((row) => !numbers.has(row));
const bad = rows.filter(({ verdict: found }) => found === 'MISSING' || found.startsWith('FAILED'));
console.log(`\n${rows.length} rows: ${rows.length - bad.length} as they should be, ${bad.length} not${bad.length > 0 ? ` (${bad.map(({ row }) => row).join(', ')})` : ''}.`);
if (unlisted.length > 0) console.log(`Tests of rows that docs/faults.md does not have: ${unlisted.join(', ')}.`);
process.exitCode = status === 0 && bad.length === 0 && unlisted.length === 0 ? 0 : 1;
