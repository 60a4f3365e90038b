import type { Command } from 'commander';
import type { Pipeline } from 'scriptorium';
import { EXIT } from './exit-codes.js';
import { withPipeline } from './open-pipeline.js';
import type { PipelineFlags } from './open-pipeline.js';
import { configOption, demoOption } from './options.js';
import { reportError } from './report-error.js';

/** `scriptorium demo`: a whole text, a streamed one, and the statistics of both. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('show a whole answer, a streamed one, and the statistics')
    .addOption(configOption())
    .addOption(demoOption())
    .action(async (flags: PipelineFlags) => {
      process.exitCode = await withPipeline(flags, demonstrate).catch(reportError);
    });
}

async function demonstrate(pipeline: Pipeline): Promise<number> {
  const say = (text: string): void => void process.stdout.write(text);
  say('--- a whole text\n');
  const { text } = await pipeline.generate({ prompt: 'Describe a lighthouse in two sentences.', maxTokens: 120 });
  say(`${text}\n\n--- the same as a stream\n`);
  await pipeline.text({ prompt: 'Describe the keeper of the lighthouse.', maxTokens: 120 }).forEach(say);
  const { requests, successful, tokens, cost, timeToFirstTokenMs } = pipeline.stats();
  say(
    `\n\n--- statistics\n${requests} requests, ${successful} successful, ${tokens.prompt} + ${tokens.completion} tokens, $${cost.known.toFixed(6)}, median time to the first token ${timeToFirstTokenMs.p50} ms\n`,
  );
  return EXIT.ok;
}
