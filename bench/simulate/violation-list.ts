import { PRESETS } from './arguments.js';
import type { Job } from './job.js';
import type { Finding, ScenarioSummary } from './tally.js';
import { cut, whole, WIDTH, wrapped } from './text.js';

const INDENT = '   ';

/** Every kind of violation: those that fail the program first. */
export function violationList(scenarios: readonly ScenarioSummary[]): readonly string[] {
  const unexpected = scenarios.flatMap((scenario) =>
    scenario.findings.filter(({ isExpected }) => !isExpected).map((finding) => ({ scenario, finding })),
  );
  const expected = scenarios.flatMap((scenario) =>
    scenario.findings.filter(({ isExpected }) => isExpected).map((finding) => ({ scenario, finding })),
  );
  return [
    ...(unexpected.length === 0 ? ['', 'no unexpected violations'] : ['', 'violations']),
    ...unexpected.flatMap(({ scenario, finding }, index) => entry(`${index + 1}. `, finding, scenario)),
    ...(expected.length === 0 ? [] : ['', '* expected violations']),
    ...expected.flatMap(({ scenario, finding }, index) => entry(`${index + 1}. `, finding, scenario)),
  ];
}

/** The command that repeats a run. */
export function commandOf({ scenario, seed, size, days, isTwice }: Job): string {
  const scale = [
    ...(size === PRESETS.size ? [] : [`--size ${size}`]),
    ...(days === PRESETS.days ? [] : [`--days ${days}`]),
    isTwice ? '--check-determinism' : '--trace',
  ];
  return `npm run simulate -- --scenario ${scenario} --seeds ${seed} ${scale.join(' ')}`;
}

function entry(number: string, finding: Finding, { runs, expectedUntil }: ScenarioSummary): readonly string[] {
  const { scenario, job, seeds, message, trace, isExpected, kind } = finding;
  const reason = isExpected ? `, expected until ${expectedUntil}` : '';
  return [
    '',
    `${number}${scenario}, seed ${job.seed}, in ${whole(seeds)} of ${whole(runs)} runs${reason}`,
    ...wrapped(message, INDENT),
    ...trace.map((line) => cut(`${INDENT}${INDENT}${line}`, WIDTH)),
    `${INDENT}${commandOf({ ...job, isTwice: kind === 'determinism' })}`,
  ];
}
