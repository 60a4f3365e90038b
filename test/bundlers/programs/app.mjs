// A program as people write it, with a part of everything that needs care in a bundle: decorators, the log, schemas, transports.
import { createContainer, createPipeline, injectable, inject } from 'scriptorium';
import { OpenRouterClient } from 'scriptorium/bookgen';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { undici } from 'scriptorium/plugins/undici';

class Words {
  count = 0;
}

class Counter {
  name = 'counter';
  phase = 'observe';
  constructor(words) {
    this.intercept = (request, next) => {
      words.count += 1;
      return next(request);
    };
  }
}
// What compilers make of @injectable() and @inject(Words).
inject(Words)(Counter, undefined, 0);
injectable()(Counter);

async function main() {
  const container = createContainer();
  const words = new Words();
  container.registerInstance(Words, words);
  const report = { texts: 0 };
  for (const transport of ['node-fetch', 'undici']) {
    const plugins = [openrouter(), undici()];
    const pipeline = await createPipeline({ plugins, container, interceptors: [Counter], config: { transport } });
    const { text } = await pipeline.generate({ prompt: 'Begin.', maxTokens: 5 });
    if (text !== '') report.texts += 1;
    await pipeline.dispose();
  }
  const client = new OpenRouterClient();
  if ((await client.generateText('Begin.', { maxTokens: 5 })) !== '') report.texts += 1;
  await client.close();
  console.log(JSON.stringify({ ...report, counted: words.count }));
}

main();
