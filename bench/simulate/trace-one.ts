import type { Scenario } from '../../test/simulation/scene.js';
import type { SimulateOptions } from './arguments.js';
import { runJob } from './run-job.js';

/** Runs one scenario with one seed and prints its trace. @returns whether it shows no violation */
export async function traceOne({ seeds, size, days }: SimulateOptions, scenario: Scenario): Promise<boolean> {
  const job = { scenario: scenario.name, seed: seeds.first, size, days, isTwice: false };
  const { violations, digest } = await runJob(job, scenario, (line) => process.stdout.write(`${line}\n`));
  console.log(`\ntrace: sha256 ${digest}`);
  for (const { message } of violations) console.log(`violation: ${message}`);
  return violations.length === 0;
}
