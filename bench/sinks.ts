// The cost of statistics: the CPU of the same streams with three sinks and without, in turns, as ratios in one run; and how
// many stats a second the three take. Work done once (opening files, loading packages) is not counted.
// `npm run sinks -- --rounds 100 --streams 10 --words 1500`
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonl } from '../plugins/jsonl/index.js';
import { ledger } from '../plugins/ledger/index.js';
import { prometheus } from '../plugins/prometheus/index.js';
import type { Plugin } from '../src/plugin.js';
import { readNumbers } from './kit/options.js';
import { startEmulatorProcess } from './kit/server-process.js';
import { measureBursts } from './sinks/bursts.js';
import { measureStreams } from './sinks/streams.js';

const { rounds, streams, words, stats } = readNumbers({ rounds: '100', streams: '10', words: '1500', stats: '200000' });
if (!(rounds > 0 && streams > 0 && words > 0 && stats > 0)) {
  throw new Error('Usage: npm run sinks -- --rounds 100 --streams 10 --words 1500 --stats 200000');
}

const folder = await mkdtemp(join(tmpdir(), 'scriptorium-sinks-'));
const server = await startEmulatorProcess({ words });
const threeSinks = (name: string): readonly Plugin[] => [
  jsonl({ file: join(folder, `${name}.jsonl`) }),
  ledger({ file: join(folder, `${name}.db`) }),
  prometheus({ listen: false }),
];
await measureStreams({ rounds, streams, words, url: server.url }, threeSinks('streams'));
await measureBursts(stats, threeSinks('stats'));
server.stop();
await rm(folder, { recursive: true });
