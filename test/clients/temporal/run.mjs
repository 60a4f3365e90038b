// Runs the activity as a Temporal worker would: a first try that is cancelled, and a second one with the details of its last heartbeat.
import { MockActivityEnvironment } from '@temporalio/testing';
import { createPipeline } from '../../../dist/src/index.js';
import { openrouter } from '../../../dist/plugins/openrouter/index.js';
import { chapterActivities } from './chapter-activity.mjs';

const { baseUrl, model, prompt, cancelAfter } = JSON.parse(process.env.JOB ?? '');
const pipeline = await createPipeline({
  environment: {},
  plugins: [openrouter({ apiKey: 'sk-or-v1-temporal', baseUrl, prefill: { [model]: 'exact' } })],
  config: { logging: { level: 'silent' }, rateLimit: { minIntervalMs: 0 } },
});
const { writeChapter } = chapterActivities(pipeline);

/** One try. @returns its text or its error, and the details of its last heartbeat */
async function attempt(number, heartbeatDetails, watch) {
  const environment = new MockActivityEnvironment({ attempt: number, heartbeatDetails });
  let details = heartbeatDetails;
  environment.on('heartbeat', (last) => {
    details = last;
    watch(last, environment);
  });
  return await environment.run(writeChapter, { model, prompt }).then(
    (text) => ({ text, details }),
    (error) => ({ code: error.code, details }),
  );
}

const first = await attempt(1, undefined, ({ text }, environment) => {
  if (text.length >= cancelAfter) environment.cancel('WORKER_SHUTDOWN');
});
const second = await attempt(2, first.details, () => undefined);
await pipeline.dispose();
console.log(JSON.stringify({ first, second }));
