// The depth of one call: the stack at the socket, the subscriptions, and the files of this project that run, for the third
// `generate()` with the plugin openrouter and the default configuration. `npm run bench:depth -- [--wire json] [--list] [--json]`
import { parseArgs } from 'node:util';
import type { Wire } from '../src/index.js';
import { measureDepth } from './depth/measure.js';
import { startEmulatorProcess } from './kit/server-process.js';

const { values } = parseArgs({
  options: {
    wire: { type: 'string', default: 'sse' },
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
if (!['sse', 'json'].includes(values.wire))
  throw new Error('Usage: npm run bench:depth -- [--wire sse|json] [--list] [--json]');

const server = await startEmulatorProcess({ words: 60 });
const { frames, rxjsFrames, subscriptions, subscribers, files, filesBeforeSocket } = await measureDepth(
  server.url,
  values.wire as Wire,
);
server.stop();

if (values.json) console.log(JSON.stringify({ frames, rxjsFrames, subscriptions, files: files.length }));
else {
  console.log(`One generate() over ${values.wire}, the third of its pipeline:`);
  console.log(`  frames at the socket  ${frames}, ${rxjsFrames} of them in RxJS`);
  console.log(`  subscriptions         ${subscriptions}, with ${subscribers} subscribers`);
  console.log(
    `  files that run        ${files.length}, ${filesBeforeSocket.length} of them before the request reaches the socket`,
  );
}
if (values.list)
  for (const file of files) console.log(`${filesBeforeSocket.includes(file) ? 'before' : 'after '}  ${file}`);
