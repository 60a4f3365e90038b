import { simulate } from '../../src/testing/simulation/simulate.js';
import type { World } from '../../src/testing/simulation/world.js';
import { Coverage } from '../../test/simulation/coverage.js';
import type { CoverageData } from '../../test/simulation/coverage.js';
import { resetNames } from '../../test/simulation/generate.js';
import type { Scenario } from '../../test/simulation/scene.js';
import type { Job, JobResult, Violation } from './job.js';
import { Recorder } from './recorder.js';

/** One run of a scenario. */
interface Run {
  readonly coverage: CoverageData;
  readonly elapsedMs: number;
  readonly digest: string;
  readonly violations: readonly Violation[];
}

/**
 * Runs a scenario with a seed. Whatever it throws is a violation.
 * @param write receives each line of the trace
 */
export async function runJob(job: Job, scenario: Scenario, write?: (line: string) => void): Promise<JobResult> {
  const before = process.cpuUsage();
  const { run, violations } = job.isTwice
    ? await runTwice(job, scenario)
    : { run: await runOnce(job, scenario, write), violations: [] };
  const { user, system } = process.cpuUsage(before);
  return { ...run, cpuMs: (user + system) / 1000, violations: [...run.violations, ...violations] };
}

/** Runs a job again: both traces must be equal. */
async function runTwice(job: Job, scenario: Scenario) {
  const [first, second]: [string[], string[]] = [[], []];
  const run = await runOnce(job, scenario, (line) => void first.push(line));
  const again = await runOnce(job, scenario, (line) => void second.push(line));
  if (again.digest === run.digest) return { run, violations: [] };
  const length = Math.max(first.length, second.length);
  const at = Array.from({ length }, (_, index) => index).findIndex((index) => first[index] !== second[index]);
  const trace = [
    ...first.slice(Math.max(0, at - 10), at),
    `one:   ${first[at] ?? 'the end'}`,
    `other: ${second[at] ?? 'the end'}`,
  ];
  const violation: Violation = { kind: 'determinism', message: 'The same seed gave two different traces.', trace };
  return { run, violations: [violation] };
}

async function runOnce(job: Job, scenario: Scenario, write?: (line: string) => void): Promise<Run> {
  const coverage = new Coverage();
  let world: World | undefined;
  const recorder = new Recorder(() => world?.processes.map(({ name }) => name) ?? []);
  const trace = (line: string): void => {
    recorder.add(line);
    write?.(line);
  };
  const rejected = (reason: unknown): void =>
    world?.violation(`A promise rejection was not handled: ${String(reason)}`);
  resetNames();
  process.on('unhandledRejection', rejected);
  try {
    await simulate({ seed: `${job.scenario}/${job.seed}`, trace }, (made) => {
      world = made;
      return scenario.run({ world, coverage, random: world.random('scenario'), size: job.size, days: job.days });
    });
  } catch (error) {
    recorder.failed(error);
  } finally {
    process.off('unhandledRejection', rejected);
  }
  const { elapsedMs = 0, digest = '' } = world ?? {};
  return { coverage: coverage.data, elapsedMs, digest, violations: recorder.violations };
}
