import type { Coverage } from '../../test/simulation/coverage.js';
import type { ScenarioSummary } from './tally.js';
import { percent, short, table, virtualTime, whole } from './text.js';

/** A line for each scenario. */
export function scenarioTable(scenarios: readonly ScenarioSummary[]): readonly string[] {
  return table(
    [
      { title: 'scenario', text: ({ name }) => name },
      { title: 'runs', text: ({ runs }) => whole(runs) },
      { title: 'generations', text: ({ coverage }) => whole(coverage.generations) },
      { title: 'deltas', text: ({ coverage }) => short(coverage.allDeltas) },
      { title: 'virtual', text: ({ elapsedMs }) => virtualTime(elapsedMs) },
      { title: 'fault', text: ({ coverage }) => shareOf(coverage, 'fault') },
      { title: 'continued', text: ({ coverage }) => shareOf(coverage, 'continued') },
      { title: 'violations', text: ({ violated }) => whole(violated) },
    ],
    scenarios,
  );
}

/** The share of the generations that have a mark. */
export function shareOf(coverage: Coverage, mark: 'fault' | 'continued'): string {
  return percent(coverage.data.marks[mark] ?? 0, coverage.generations);
}
