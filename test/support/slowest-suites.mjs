import { relative } from 'node:path';

const SHOWN = 10;

/** A jest reporter that prints the slowest suites at the end. Jest loads reporters without a build, so this file is JavaScript. */
export default class SlowestSuites {
  onRunComplete(_contexts, { testResults }) {
    // A single suite has its time in the summary.
    if (testResults.length < 2) return;
    const slowest = testResults.toSorted((a, b) => b.perfStats.runtime - a.perfStats.runtime).slice(0, SHOWN);
    const lines = slowest.map(
      ({ perfStats, testFilePath }) =>
        `${(perfStats.runtime / 1000).toFixed(1).padStart(6)} s  ${relative(process.cwd(), testFilePath)}\n`,
    );
    process.stderr.write(`\nSlowest suites:\n${lines.join('')}`);
  }
}
