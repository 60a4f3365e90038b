import { seedsText } from './arguments.js';
import type { SimulateOptions } from './arguments.js';
import { coverageTable } from './coverage-table.js';
import { failuresOf, totalsOf } from './requirements.js';
import type { FaultRow } from './requirements.js';
import { scenarioTable } from './scenario-table.js';
import type { Summary } from './tally.js';
import { virtualTime, whole, wrapped } from './text.js';
import { violationList } from './violation-list.js';

/** The content of a report. */
export interface ReportParts {
  readonly options: SimulateOptions;
  readonly summary: Summary;
  /** Milliseconds of the machine. */
  readonly wallMs: number;
  /** The simulated rows of docs/faults.md. */
  readonly faultRows: readonly FaultRow[];
}

/** The whole report: scenarios, totals, coverage, violations, and what fails the program. */
export function reportOf(parts: ReportParts): readonly string[] {
  const { options, summary, faultRows } = parts;
  const runs = summary.scenarios.reduce((sum, scenario) => sum + scenario.runs, 0);
  const failures = failuresOf(summary, options.isFull, faultRows);
  return [
    `${whole(runs)} runs: seeds ${seedsText(options.seeds)}, ${options.days} days, size ${options.size}`,
    '',
    ...scenarioTable(summary.scenarios),
    ...totals(parts),
    ...coverageTable(summary.coverage.data, faultRows, options.isFull),
    ...violationList(summary.scenarios),
    '',
    ...(failures.length === 0 ? ['PASSED'] : failures.flatMap((failure) => wrapped(`FAILED: ${failure}`, ''))),
  ];
}

function totals({ options, summary, wallMs }: ReportParts): readonly string[] {
  const { coverage, elapsedMs, cpuMs, digest } = summary;
  const bounded = totalsOf(coverage).map(({ name, value, least, isMet }) => {
    const bound = options.isFull ? `  at least ${least}${isMet ? '' : ': MISSED'}` : '';
    return { name, value, bound };
  });
  const plain = [
    { name: 'virtual time', value: virtualTime(elapsedMs), bound: '' },
    { name: 'CPU', value: `${(cpuMs / 1000).toFixed(1)} s`, bound: '' },
    { name: 'wall time', value: `${(wallMs / 1000).toFixed(1)} s`, bound: '' },
  ];
  const lines = [...bounded, ...plain].map(
    ({ name, value, bound }) => `  ${name.padEnd(14)} ${value.padStart(12)}${bound}`,
  );
  return ['', 'totals', ...lines, `  traces         sha256 ${digest.slice(0, 32)}`];
}
