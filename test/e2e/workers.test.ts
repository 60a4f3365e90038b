import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { eventually } from '../support/eventually.js';
import { describeWith } from '../support/services/needs.js';
import { startPostgres } from '../support/services/postgres.js';
import type { PostgresServer } from '../support/services/postgres.js';
import { startRedis } from '../support/services/redis.js';
import type { RedisServer } from '../support/services/redis.js';
import { cleanUp } from './run-cli.js';
import { WorkersScene } from './workers-scene.js';
import type { Stores } from './workers-scene.js';

afterAll(cleanUp);

const idsOf = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

/** Slow enough that a program can be stopped in the middle. */
const SLOW = { words: 150, tokensPerSecond: 100 };

let scene: WorkersScene;
afterEach(() => scene.close());

const isUnderWay = (count: number) => () => {
  const begun = scene.emulator.requests.filter(({ text }) => text.length > 100);
  return begun.length >= count;
};

describeWith(['redis-server'], 'workers with a queue on Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.remove());

  async function open(options = {}, runs: Stores['runs'] = {}): Promise<void> {
    await flush();
    scene = await WorkersScene.open({ queue: redis.url, runs }, options);
  }

  async function flush(): Promise<void> {
    const client = new Redis(redis.url);
    await client.flushall();
    await client.quit();
  }

  it('write each text once, and the watching command ends as the local engine does', async () => {
    await open({}, { concurrency: 8 });
    const ids = idsOf('c', 40);
    scene.write('book', ids);
    const workers = [await scene.worker(), await scene.worker()];
    const { code, stderr } = await scene.run('book').ended;
    expect({ code, requests: scene.asked.length }).toEqual({ code: 0, requests: 40 });
    expect(Object.entries(scene.texts('book'))).toEqual(Object.entries(scene.expected(ids)));
    expect(stderr).toContain('40 of 40 items done');
    for (const { log } of workers) expect(log()).toMatch(/^book\/c\d+: \d+ words/m);
  });

  it('say which stores they use', async () => {
    await open();
    const { log } = await scene.worker();
    expect(log()).toBe(
      [
        'Journal: sqlite:.scriptorium/runs.db',
        `Queue: ${redis.url} (BullMQ queue "scriptorium")`,
        'Limits: those of this machine alone',
        'Ready for 4 items at once.',
        '',
      ].join('\n'),
    );
  });

  it('go on with the items of a worker that was killed, from the last journalled character', async () => {
    await open(SLOW);
    const ids = idsOf('c', 6);
    scene.write('book', ids);
    const killed = await scene.worker();
    const watching = scene.run('book');
    await eventually(isUnderWay(4));
    killed.program.child.kill('SIGKILL');
    await scene.worker();
    expect((await watching.ended).code).toBe(0);
    expect(scene.texts('book')).toEqual(scene.expected(ids));
  });

  it('take over the items of a worker that is stopped beyond its lease; the woken one writes nothing of them', async () => {
    await open(SLOW, { leaseMs: 1_000 });
    const ids = idsOf('c', 4);
    scene.write('book', ids);
    const stopped = await scene.worker();
    const watching = scene.run('book');
    await eventually(isUnderWay(4));
    stopped.program.child.kill('SIGSTOP');
    await scene.worker();
    expect((await watching.ended).code).toBe(0);
    stopped.program.child.kill('SIGCONT');
    await eventually(() => stopped.log().includes('another process has it now'));
    expect(scene.texts('book')).toEqual(scene.expected(ids));
  });

  it('find their work again by requeue after the queue was flushed', async () => {
    await open(SLOW);
    const ids = idsOf('c', 8);
    scene.write('book', ids);
    await scene.worker(2);
    const watching = scene.run('book');
    await eventually(isUnderWay(2));
    await flush();
    const requeued = await scene.command('batch', 'requeue');
    expect(requeued.stderr).toContain('Queued 1 run in');
    expect((await watching.ended).code).toBe(0);
    expect({ texts: scene.texts('book'), requests: scene.asked.length }).toEqual({
      texts: scene.expected(ids),
      requests: 8,
    });
  });

  it('serve two books alike, although one was queued long before', async () => {
    await open(SLOW);
    scene.write('long', idsOf('long', 12));
    scene.write('short', idsOf('short', 3));
    await scene.worker(2);
    const long = scene.run('long');
    await eventually(isUnderWay(2));
    const { code } = await scene.run('short').ended;
    const [first, last] = [scene.asked.indexOf('short1'), scene.asked.indexOf('short3')];
    const between = scene.asked.slice(first, last).filter((id) => id.startsWith('long'));
    expect(code).toBe(0);
    // Each takes one of the two places.
    expect(between.length).toBeLessThanOrEqual(4);
    await scene.command('batch', 'cancel', 'long');
    expect((await long.ended).code).toBe(1);
  });

  it('start nothing of a run that was paused elsewhere, and go on when it is resumed', async () => {
    await open(SLOW);
    const ids = idsOf('c', 6);
    scene.write('book', ids);
    await scene.worker(2);
    const watching = scene.run('book');
    await eventually(isUnderWay(2));
    await scene.command('batch', 'pause', 'book');
    const paused = await watching.ended;
    expect({ code: paused.code, requests: scene.asked.length }).toEqual({ code: 3, requests: 2 });
    const resumed = scene.start(['batch', 'resume', 'book', '--engine', 'bullmq']);
    expect((await resumed.ended).code).toBe(0);
    expect({ texts: scene.texts('book'), requests: scene.asked.length }).toEqual({
      texts: scene.expected(ids),
      requests: 6,
    });
  });

  it('give their items back after SIGTERM, and others go on with them at once', async () => {
    await open({ ...SLOW, words: 300 });
    const ids = idsOf('c', 4);
    scene.write('book', ids);
    const drained = await scene.worker();
    const detached = await scene.run('book', '--detach').ended;
    expect(detached.code).toBe(0);
    await eventually(isUnderWay(4));
    drained.program.kill('SIGTERM');
    expect((await drained.program.ended).code).toBe(0);
    const other = await scene.worker();
    expect(drained.log()).toContain('Stopping: 4 items are given back with what is written of them.');
    await eventually(() => other.log().split('words').length > 4);
    await scene.command('batch', 'export', 'book', '-o', 'book.out.jsonl');
    expect(scene.texts('book')).toEqual(scene.expected(ids));
  });
});

describeWith(['redis-server'], 'a queue that cannot be used', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis(['--maxmemory-policy', 'allkeys-lru']);
    const client = new Redis(redis.url);
    await client.config('SET', 'requirepass', 'right');
    await client.quit();
  });
  afterAll(() => redis.remove());

  it.each([
    ['redis://127.0.0.1:1', 'Cannot reach the Redis redis://127.0.0.1:1: connect ECONNREFUSED'],
    [':wrong@', 'refuses the user or the password of plugins.bullmq.url (WRONGPASS)'],
    [':right@', 'its maxmemory-policy is allkeys-lru. Use an instance of its own for the queue, or set'],
  ])('is refused before anything is sent: %s', async (at, message) => {
    const url = at.startsWith('redis:') ? at : redis.url.replace('//', `//${at}`);
    scene = await WorkersScene.open({ queue: url });
    const { code, stderr } = await scene.command('worker');
    expect({ code, hasPassword: /wrong|right/.test(stderr) }).toEqual({ code: expect.any(Number), hasPassword: false });
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  });
});

describeWith(['postgresql'], 'workers with a queue and a journal on PostgreSQL', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.remove());

  it('need a prepared database, and then write each text once, also after one was killed', async () => {
    const url = postgres.createDatabase('runs');
    scene = await WorkersScene.open({ queue: url, journal: url }, SLOW);
    const ids = idsOf('c', 12);
    scene.write('book', ids);
    const alone = await scene.command('worker');
    expect(alone.stderr).toContain('have no store of limits in common. Set plugins.redis.url, or start the workers');
    const unprepared = await scene.command('worker', '--share', '1/1');
    expect(unprepared.stderr).toContain(
      'has no schema "bullmq" for the queue yet. Make it with: scriptorium batch migrate',
    );
    expect((await scene.command('batch', 'migrate')).code).toBe(0);
    const killed = await scene.worker(4, '--share', '1/1');
    const watching = scene.run('book');
    await eventually(isUnderWay(4));
    killed.program.child.kill('SIGKILL');
    await scene.worker(4, '--share', '1/1');
    const { code } = await watching.ended;
    expect({ code, texts: scene.texts('book') }).toEqual({ code: 0, texts: scene.expected(ids) });
  });
});
