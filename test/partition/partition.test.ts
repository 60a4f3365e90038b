// A partition of 30 s in real time: `npm run test:partition`, some three minutes, as root.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';
import { Callers, remember } from '../support/callers.js';
import { eventually } from '../support/eventually.js';
import { describeWith } from '../support/services/needs.js';
import { startService } from '../support/services/process.js';
import type { Service } from '../support/services/process.js';

const folder = mkdtempSync(join(tmpdir(), 'scriptorium-partition-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeWith(['redis-server', 'iproute2'], 'a partition between two processes and Redis', () => {
  const LIMIT = 100;
  const name = `scr${process.pid}`;
  const [host, guest] = ['10.213.77.1', '10.213.77.2'];
  const ip = (...args: readonly string[]): string => execFileSync('ip', args, { encoding: 'utf8' });
  let service: Service | undefined;
  let emulator: Emulator;
  let callers: Callers;

  beforeEach(async () => {
    callers = new Callers();
    ip('netns', 'add', name);
    ip('link', 'add', `${name}h`, 'type', 'veth', 'peer', 'name', `${name}g`);
    ip('link', 'set', `${name}g`, 'netns', name);
    ip('addr', 'add', `${host}/24`, 'dev', `${name}h`);
    ip('link', 'set', `${name}h`, 'up');
    ip('-n', name, 'addr', 'add', `${guest}/24`, 'dev', `${name}g`);
    ip('-n', name, 'link', 'set', `${name}g`, 'up');
    service = startService(
      'redis-server',
      ['--port', '6379', '--bind', guest, '--protected-mode', 'no', '--dir', folder, '--save', ''],
      { within: ['ip', 'netns', 'exec', name] },
    );
    emulator = await startEmulator({ tokensPerSecond: 0, words: 5, limits: { requestsPerMinute: LIMIT } });
  });
  afterEach(async () => {
    await callers.stop();
    await emulator.close();
    await service?.stop('SIGKILL');
    ip('link', 'del', `${name}h`);
    ip('netns', 'del', name);
  });

  it('breaks no window, and is overcome without hands', async () => {
    const redisUrl = `redis://${guest}:6379`;
    await remember(redisUrl);
    const seconds = (count: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, count * 1_000));
    const job = { url: emulator.url, redisUrl, requestsPerMinute: LIMIT, everyMs: 900 };
    callers.start(job);
    callers.start(job);
    await seconds(65);
    const before = emulator.requests.length;
    callers.output = '';
    ip('link', 'set', `${name}h`, 'down');
    await seconds(30);
    const alone = emulator.requests.length - before;
    ip('link', 'set', `${name}h`, 'up');
    await eventually(() => (callers.output.match(/answers again/g) ?? []).length >= 2, 60_000);
    const back = emulator.requests.length;
    await seconds(40);
    expect({
      wentOnAlone: alone > 0,
      goesOn: emulator.requests.length > back,
      refused: emulator.books.refused['per-minute'],
      failed: callers.output.match(/Error/g) ?? [],
    }).toEqual({ wentOnAlone: true, goesOn: true, refused: 0, failed: [] });
  });
});
