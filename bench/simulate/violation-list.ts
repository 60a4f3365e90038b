import { PRESETS } from './arguments.js';
import type { Job } from './job.js';
import type { Finding, ScenarioSummary } from './tally.js';
import { cut, whole, WIDTH, wrapped } from './text.js';

const INDENT = '   ';

/** Every kind of violation. */
export function violationList(scenarios: readonly ScenarioSummary[]): readonly string[] {
  const found = scenarios.flatMap(({ runs, findings }) => findings.map((finding) => ({ runs, finding })));
  return [
    '',
    found.length === 0 ? 'no violations' : 'violations',
    ...found.flatMap(({ runs, finding }, index) => entry(`${index + 1}. `, finding, runs)),
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

function entry(number: string, finding: Finding, runs: number): readonly string[] {
  const { scenario, job, seeds, message, trace, kind } = finding;
  return [
    '',
    `${number}${scenario}, seed ${job.seed}, in ${whole(seeds)} of ${whole(runs)} runs`,
    ...wrapped(message, INDENT),
    ...trace.map((line) => cut(`${INDENT}${INDENT}${line}`, WIDTH)),
    `${INDENT}${commandOf({ ...job, isTwice: kind === 'determinism' })}`,
  ];
}
