import { expect, it } from '@jest/globals';
import { definePlugin } from 'scriptorium/plugin';
import { eventually } from '../support/eventually.js';
import { aScene } from '../support/scene.js';
import { answers } from '../support/wire.js';

it('leaving while a transport is still being prepared sends nothing and does not end the process', async () => {
  let prepared = 0;
  const signing = definePlugin({
    name: 'signing',
    apiVersion: 1,
    setup: (host) =>
      host.wrapTransport((inner) => ({
        open: async (request, signal, monitor) => {
          await new Promise((resolve) => setTimeout(resolve, 10));
          prepared += 1;
          return inner.open(request, signal, monitor);
        },
        close: () => inner.close?.(),
      })),
  });
  const { pipeline, server } = await aScene([answers('Once.')], { plugins: [signing] });
  const failures: unknown[] = [];
  pipeline
    .stream({ prompt: 'Begin.' })
    .subscribe({ error: (error) => failures.push(error) })
    .unsubscribe();
  await eventually(() => prepared === 1);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect({ failures, connections: server.connections }).toEqual({ failures: [], connections: 0 });
});
