// Workers share a run over real stores, while they are killed and stopped, and the stores restarted and flushed.
// `npm run workers -- --items 400 --workers 4 [--queue postgres] [--mixed REF]`: with `--mixed`, every second worker is of another commit.
import { fileURLToPath } from 'node:url';
import { exitBy } from './kit/checks.js';
import { readOptions } from './kit/options.js';
import { buildOther } from './workers/other-build.js';
import { report } from './workers/report.js';
import { WorkersScene } from './workers/scene.js';
import type { WorkersSettings } from './workers/settings.js';
import { TroubleMaker } from './workers/troubles.js';

const { queue, mixed, ...numbers } = readOptions({
  mixed: '',
  items: '400',
  workers: '4',
  concurrency: '4',
  every: '5',
  flushEach: '24',
  rate: '0.2',
  words: '200',
  tokensPerSecond: '60',
  perMinute: '300',
  budgetUsd: '5',
  queue: 'redis',
  seed: '1',
});
const settings = {
  queue,
  ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value)])),
} as unknown as WorkersSettings;
const cli = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const other = mixed === '' ? undefined : buildOther(fileURLToPath(new URL('../..', import.meta.url)), mixed);
if (other !== undefined) console.log(`every second worker is of commit ${other.commit}`);
const scene = await WorkersScene.open(settings, { cli, other: other?.cli });
try {
  const migrated = await scene.start('batch', 'migrate').ended;
  if (migrated.code !== 0) throw new Error(migrated.stderr);
  const from = performance.now();
  const trouble = new TroubleMaker(scene);
  trouble.start();
  const { code, stderr } = await scene.run().ended;
  const seconds = (performance.now() - from) / 1_000;
  const workers = await trouble.stop();
  const drained = { what: `exit codes of the workers: ${workers.map((each) => each.code).join(', ')}` };
  const checks = [
    ...(await report(scene, trouble, { code, stderr, seconds })),
    { ...drained, isRight: workers.every((each) => each.code === 0) },
  ];
  if (process.env['SHOW'] === '1') for (const { stderr: log } of workers) console.log(log);
  for (const { what, isRight } of checks) if (!isRight) console.log(`FAILED: ${what}`);
  exitBy(checks);
} finally {
  await scene.close();
  other?.remove();
}
