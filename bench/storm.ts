// Chapters against random faults: every text must come out exact to the letter, or as an error with all that was paid for.
// `npm run storm -- --rate 0.4 --chapters 200 --seed 1 [--wire json] [--model starts-over] [--route embedded-ngram] [--by stream]`
import { exitBy } from './kit/checks.js';
import { Chapters } from './storm/chapters.js';
import { stormPipeline } from './storm/pipeline.js';
import { checksOf, printReport } from './storm/report.js';
import { startServer } from './storm/server-thread.js';
import { readSettings } from './storm/settings.js';

const settings = readSettings();
const server = await startServer(settings);
const pipeline = await stormPipeline(settings, server.url);
const chapters = new Chapters(settings, pipeline, server);

const startedAt = performance.now();
await chapters.write();
const seconds = (performance.now() - startedAt) / 1000;
const stats = pipeline.stats();
const log = await server.ask('log');
await pipeline.dispose();
await server.stop();

const findings = { settings, counts: chapters.counts, stats, log, seconds };
printReport(findings);
const checks = checksOf(findings);
for (const { what, isRight } of checks) if (!isRight) console.log(`FAILED: ${what}`);
exitBy(checks);
