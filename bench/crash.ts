// Kills `scriptorium batch run` at random moments and restarts it, until all chapters are written. Every text must come out exact.
// `npm run crash -- --kills 30 --chapters 40 --seed 1 [--kind exact]`
import { fileURLToPath } from 'node:url';
import { crashTest } from './crash/crash-test.js';
import { checksOf, printFindings } from './crash/report.js';
import { CrashScene } from './crash/scene.js';
import { SHORT } from './crash/settings.js';
import type { CrashSettings } from './crash/settings.js';
import { exitBy } from './kit/checks.js';
import { readOptions } from './kit/options.js';

const options = readOptions({
  kills: '30',
  chapters: '40',
  seed: '1',
  rate: '0.4',
  words: '300',
  'max-tokens': '2000',
  concurrency: '4',
  'tokens-per-second': '120',
  budget: '0',
  kind: 'exact',
});
const settings: CrashSettings = {
  ...SHORT,
  kills: Number(options.kills),
  chapters: Number(options.chapters),
  seed: Number(options.seed),
  rate: Number(options.rate),
  words: Number(options.words),
  maxTokens: Number(options['max-tokens']),
  concurrency: Number(options.concurrency),
  tokensPerSecond: Number(options['tokens-per-second']),
  budgetUsd: Number(options.budget),
  kind: options.kind,
};
const scene = await CrashScene.open(settings, fileURLToPath(new URL('../src/cli/main.js', import.meta.url)));
try {
  const findings = await crashTest(scene);
  printFindings(settings, findings);
  const checks = checksOf(settings, findings);
  for (const { what, isRight } of checks) if (!isRight) console.log(`FAILED: ${what}`);
  exitBy(checks);
} finally {
  await scene.close();
}
