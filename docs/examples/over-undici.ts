// The same generation over undici in place of node-fetch. Install it beside scriptorium: npm i undici@7
import { createPipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { undici } from 'scriptorium/plugins/undici';

const pipeline = await createPipeline({
  plugins: [openrouter(), undici({ keepAliveMs: 30_000 })],
  config: { transport: 'undici' }, // or SCRIPTORIUM_TRANSPORT=undici
});
const { text, attempts } = await pipeline.generate({ prompt: 'Write a sentence about the sea.' });
console.log(`${text}\n${attempts.length} attempt over undici`);
await pipeline.dispose();
