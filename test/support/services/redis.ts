import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aFreePort, startService } from './process.js';
import type { Service } from './process.js';

/** A Redis of a test. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Starts it again with what its folder holds, on the same port. */
  start(): Promise<void>;
  /** `SIGKILL` loses what it has not written. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Stops it for good, and removes its folder. */
  remove(): Promise<void>;
}

const TRIES = 200;
const TRY_MS = 50;

/**
 * Starts a Redis on a free port, with an append-only file in a temporary folder.
 * @param settings further arguments of `redis-server`: `['--maxmemory-policy', 'allkeys-lru']`
 */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'scriptorium-redis-'));
  const port = await aFreePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', ...settings];
  let service: Service | undefined;
  const start = async (): Promise<void> => {
    service = startService('redis-server', args);
    await answering(port, service);
  };
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    await service?.stop(signal);
    service = undefined;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    start,
    stop,
    signal: (name) => service?.signal(name),
    remove: async () => {
      await stop('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when the server answers a PING. */
async function answering(port: number, service: Service): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    if (await isAnswering(port)) return;
    await new Promise((resolve) => setTimeout(resolve, TRY_MS));
  }
  throw new Error(`redis-server does not answer: ${service.output()}`);
}

function isAnswering(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const settle = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.on('data', (data) => settle(data.toString().startsWith('+PONG')));
    socket.on('error', () => settle(false));
    socket.on('close', () => resolve(false));
  });
}
