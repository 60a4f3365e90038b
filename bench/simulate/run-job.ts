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
  const run = await runOnce(job, scenario, write);
  const difference = job.isTwice ? await differenceTo(run, job, scenario) : [];
  const { user, system } = process.cpuUsage(before);
  return { ...run, cpuMs: (user + system) / 1000, violations: [...run.violations, ...difference] };
}

async function runOnce(job: Job, scenario: Scenario, write?: (line: string) => void): Promise<Run> {
  const coverage = new Coverage();
  let world: World | undefined;
  const recorder = new Recorder(() => world?.processes.map(({ name }) => name) ?? []);
  const trace = (line: string): void => {
    recorder.add(line);
    write?.(line);
  };
  const rejected = (reason: unknown): void => world?.violation(`A promise was rejected unheard: ${String(reason)}`);
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

/** Runs a job again: both traces must be equal. */
async function differenceTo({ digest }: Run, job: Job, scenario: Scenario): Promise<readonly Violation[]> {
  const again = await runOnce(job, scenario);
  if (again.digest === digest) return [];
  const [one, other] = [await linesOf(job, scenario), await linesOf(job, scenario)];
  const at = one.findIndex((line, index) => line !== other[index]);
  const trace = at < 0 ? [] : [...one.slice(Math.max(0, at - 10), at), `one:   ${one[at]}`, `other: ${other[at]}`];
  return [{ kind: 'determinism', message: 'The same seed gave two different traces.', trace }];
}

async function linesOf(job: Job, scenario: Scenario): Promise<readonly string[]> {
  const lines: string[] = [];
  await runOnce(job, scenario, (line) => void lines.push(line));
  return lines;
}
