// A plugin opens a server, a timer and a sink; the next one fails, and all of it is closed again.
import { createServer } from 'node:http';
import { createPipeline } from 'scriptorium';
import { definePlugin } from 'scriptorium/plugin';
import { openrouter } from 'scriptorium/plugins/openrouter';

const story = [];
const opens = definePlugin({
  name: 'opens',
  apiVersion: 1,
  setup: async (host) => {
    const server = createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    host.onDispose(
      () =>
        new Promise((resolve) => {
          story.push('server closed');
          server.close(resolve);
        }),
    );
    const timer = setInterval(() => undefined, 1_000);
    host.onDispose(() => {
      story.push('timer cleared');
      clearInterval(timer);
    });
    host.addStatSink({ name: 'sink', record: () => undefined, close: () => story.push('sink closed') });
  },
});
const fails = definePlugin({
  name: 'fails',
  apiVersion: 1,
  setup: () => {
    throw new Error('no ink left');
  },
});
const later = definePlugin({
  name: 'later',
  apiVersion: 1,
  setup: () => {
    story.push('set up too late');
  },
});

const failure = await createPipeline({
  plugins: [openrouter({ apiKey: 'k' }), opens, fails, later],
  config: { logging: { level: 'silent' } },
}).then(
  () => undefined,
  (error) => error,
);
console.log(JSON.stringify({ name: failure?.name, message: failure?.message, cause: failure?.cause?.message, story }));
