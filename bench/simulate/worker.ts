// A worker of `npm run simulate`: runs the jobs that it is sent, one at a time, and returns their results.
import { once } from 'node:events';
import { SCENARIOS } from '../../test/simulation/scenarios/index.js';
import type { Job } from './job.js';
import { runJob } from './run-job.js';

async function work(job: Job): Promise<void> {
  const scenario = SCENARIOS.find(({ name }) => name === job.scenario);
  if (scenario === undefined) throw new Error(`No scenario "${job.scenario}"`);
  process.send?.(await runJob(job, scenario));
}

process.on('message', (job: Job) => void work(job));
await once(process, 'disconnect');
process.exit();
