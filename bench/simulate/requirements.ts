import type { Coverage, CoverageData } from '../../test/simulation/coverage.js';
import type { ScenarioSummary, Summary } from './tally.js';
import { percent, whole } from './text.js';

/** How often a full run must meet each event type, error code, wait reason and fault. */
export const LEAST_COUNT = 100;

/** A total of a full run with its bound. */
export interface Total {
  readonly name: string;
  readonly value: string;
  readonly least: string;
  readonly isMet: boolean;
}

/** The totals that a full run must reach. */
export function totalsOf(coverage: Coverage): readonly Total[] {
  const { generations, medianDeltas } = coverage;
  const { fault = 0, continued = 0 } = coverage.data.marks;
  const shareTotal = (name: string, part: number, least: number): Total => ({
    name,
    value: percent(part, generations),
    least: percent(least, 1),
    isMet: part >= least * generations,
  });
  const count = (name: string, value: number, least: number): Total => ({
    name,
    value: whole(value),
    least: whole(least),
    isMet: value >= least,
  });
  return [
    count('generations', generations, 300_000),
    shareTotal('met a fault', fault, 0.3),
    shareTotal('continued', continued, 0.1),
    count('median deltas', medianDeltas, 30),
  ];
}

/** The counts that a full run must bring to 100, by the title of their table. */
export function countsOf({ events, codes, waits, faults }: CoverageData, rows: readonly FaultRow[]) {
  const known = Object.fromEntries(rows.map(({ row }) => [String(row), 0]));
  return { events, 'error codes': codes, waits, 'fault rows': { ...known, ...faults } };
}

/** A row of docs/faults.md that is simulated. */
export interface FaultRow {
  readonly row: number;
  readonly title: string;
}

/** Everything that fails the program, one sentence each. */
export function failuresOf(summary: Summary, isFull: boolean, rows: readonly FaultRow[]): readonly string[] {
  const { scenarios, coverage } = summary;
  return [...scenarios.flatMap(failuresOfScenario), ...(isFull ? failuresOfCoverage(coverage, rows) : [])];
}

function failuresOfScenario({ name, findings: { length } }: ScenarioSummary): readonly string[] {
  return length === 0 ? [] : [`${name} shows ${length} ${length === 1 ? 'violation' : 'violations'}.`];
}

function failuresOfCoverage(coverage: Coverage, rows: readonly FaultRow[]): readonly string[] {
  const missed = totalsOf(coverage).filter(({ isMet }) => !isMet);
  const rare = Object.entries(countsOf(coverage.data, rows)).flatMap(([kind, counts]) => {
    const names = Object.entries(counts).filter(([, count]) => count < LEAST_COUNT);
    return names.length === 0 ? [] : [`${kind} under ${LEAST_COUNT}: ${names.map(([name]) => name).join(', ')}.`];
  });
  return [...missed.map(({ name, value, least }) => `${name}: ${value}, at least ${least} required.`), ...rare];
}
