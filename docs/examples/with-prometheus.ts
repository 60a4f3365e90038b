// Metrics for Prometheus, on a port of their own. Install prom-client beside scriptorium: npm i prom-client@15
import { createPipeline } from 'scriptorium';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { prometheus } from 'scriptorium/plugins/prometheus';

const metrics = prometheus({
  port: 0, // any free one; 9464 by default
  labels: ['provider', 'model', 'outcome', 'book'], // `book` is read from the labels of each request
});
const pipeline = await createPipeline({ plugins: [openrouter(), metrics] });
await pipeline.generate({ prompt: 'Write a sentence about the sea.', labels: { book: 'ada', chapter: '1' } });

// What Prometheus does every few seconds. In a server of your own mount `metrics.handler`, and set `listen` to false.
const response = await fetch(metrics.url() ?? '');
const lines = (await response.text()).split('\n');
console.log(lines.find((line) => line.startsWith('scriptorium_requests_total{')));

await pipeline.dispose(); // closes the port
