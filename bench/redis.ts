// Limits on Redis from several processes at once: decisions a second (take, sent and settle: three commands, of which only the
// first is waited for), and CPU µs a decision in a worker and in Redis. Starts a Redis of its own (package redis-server).
// `npm run bench:redis -- --processes 4 --seconds 5 --lines 16`
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { exitBy } from './kit/checks.js';
import { readNumbers } from './kit/options.js';
import type { WorkerFigures } from './redis/worker.js';

const LEAST_DECISIONS = 5_000;

const { processes, seconds, lines, port } = readNumbers({ processes: '4', seconds: '5', lines: '16', port: '7790' });
if (!(processes >= 1 && seconds >= 1 && lines >= 1 && port >= 1))
  throw new Error('Usage: npm run bench:redis -- --processes 4 --seconds 5 --lines 16 --port 7790');

const folder = await mkdtemp(join(tmpdir(), 'scriptorium-redis-'));
const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--save', ''];
const server = spawn('redis-server', args, { stdio: 'ignore' });
const client = new Redis(port, '127.0.0.1');
client.on('error', () => undefined);
while (client.status !== 'ready') await sleep(50);
// The server remembers the last hour.
await client.set('bench:{limits}:epoch', String(Date.now() - 3_600_000));

const cpuSeconds = async (): Promise<number> => {
  const info = await client.info('cpu');
  const read = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
  return read('used_cpu_user') + read('used_cpu_sys');
};

const before = await cpuSeconds();
const worker = fileURLToPath(new URL('redis/worker.js', import.meta.url));
const figures = await Promise.all(
  Array.from({ length: processes }, async () => {
    const child = spawn(process.execPath, [worker, String(port), String(seconds), String(lines)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    await once(child, 'close');
    return JSON.parse(output) as WorkerFigures;
  }),
);
const redisUs = ((await cpuSeconds()) - before) * 1e6;
client.disconnect();
server.kill('SIGKILL');
await once(server, 'close');
await rm(folder, { recursive: true, force: true });

const decisions = figures.reduce((sum, each) => sum + each.decisions, 0);
const rate = figures.reduce((sum, each) => sum + each.decisions / each.seconds, 0);
const workerUs = figures.reduce((sum, each) => sum + each.cpuUs, 0) / decisions;
console.log(`     µs CPU a decision in a worker: ${workerUs.toFixed(1)}`);
console.log(`     µs CPU a decision in Redis: ${(redisUs / decisions).toFixed(1)}`);
const checks = [
  {
    what: `decisions a second from ${processes} processes (at least ${LEAST_DECISIONS})`,
    value: rate.toFixed(0),
    isRight: rate >= LEAST_DECISIONS,
  },
];
for (const { what, value, isRight } of checks) console.log(`${isRight ? 'ok  ' : 'FAIL'} ${what}: ${value}`);
exitBy(checks);
