import type { Scenario } from '../../test/simulation/scene.js';
import type { SimulateOptions } from './arguments.js';
import { jobsOf } from './jobs.js';
import { Pool } from './pool.js';
import { reportOf } from './report.js';
import { FAULT_ROWS } from './known-faults.js';
import { failuresOf } from './requirements.js';
import { patternOf } from './pattern.js';
import { shrink } from './shrink.js';
import { Tally } from './tally.js';
import type { Finding, Summary } from './tally.js';
import { commandOf } from './violation-list.js';

/** Runs every scenario with every seed and prints the report. @returns whether all is as it must be */
export async function runAll(options: SimulateOptions, scenarios: readonly Scenario[]): Promise<boolean> {
  const pool = new Pool();
  const startedAt = performance.now();
  try {
    const summary = await summed(pool, options, scenarios);
    const wallMs = performance.now() - startedAt;
    for (const line of reportOf({ options, summary, wallMs, faultRows: FAULT_ROWS })) console.log(line);
    if (options.isShrunk) for (const finding of firstFindings(summary)) await shrinkAndPrint(pool, finding);
    return failuresOf(summary, options.isFull, FAULT_ROWS).length === 0;
  } finally {
    pool.stop();
  }
}

async function summed(pool: Pool, options: SimulateOptions, scenarios: readonly Scenario[]): Promise<Summary> {
  const tally = new Tally(scenarios);
  const jobs = jobsOf(options, scenarios);
  let done = 0;
  await pool.run(jobs, (job, result) => {
    tally.add(job, result);
    progress(`${(done += 1)} of ${jobs.length} runs`);
  });
  progress('');
  return tally.summary();
}

/** The first finding of every scenario that has one. */
function firstFindings({ scenarios }: Summary): readonly Finding[] {
  return scenarios.flatMap(({ findings }) => findings.slice(0, 1));
}

async function shrinkAndPrint(pool: Pool, { job, message, kind }: Finding): Promise<void> {
  const pattern = patternOf(message);
  let tries = 0;
  const smallest = await shrink(job, async (candidate) => {
    progress(`shrinking ${job.scenario}: ${(tries += 1)} worlds`);
    let digest: string | undefined;
    await pool.run([{ ...job, ...candidate, isTwice: kind === 'determinism' }], (_job, result) => {
      if (result.violations.some((violation) => patternOf(violation.message) === pattern)) ({ digest } = result);
    });
    return digest;
  });
  progress('');
  const { seed, size, days } = smallest;
  const command = commandOf({ ...job, seed, size, days, isTwice: kind === 'determinism' });
  console.log(`\nThe smallest world of ${tries} that shows the violation of ${job.scenario}:\n   ${command}`);
}

/** Rewrites the line of a terminal. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
