import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import * as ioredis from 'ioredis';
import { systemClock } from 'scriptorium/plugin';
import type { Clock } from 'scriptorium/plugin';
import { readAddresses } from '../../../plugins/redis/address.js';
import { redisConnection } from '../../../plugins/redis/connection.js';
import type { RedisConnection } from '../../../plugins/redis/connection.js';
import { redisScript } from '../../../plugins/redis/scripts.js';
import { describeWith } from '../../support/services/needs.js';
import { startRedis } from '../../support/services/redis.js';
import type { RedisServer } from '../../support/services/redis.js';

const ECHO = redisScript('echo', 'return { KEYS[1], ARGV[1], 7, false }');

/** A busy machine answers late. */
const PATIENT: Clock = {
  ...systemClock,
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic(),
  setTimer: (ms, run) => systemClock.setTimer(ms * 1_000, run),
};

describeWith(['redis-server'], 'the connection to Redis', () => {
  let server: RedisServer;
  const opened: RedisConnection[] = [];
  const lines: string[] = [];

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.remove());
  afterEach(() => {
    opened.splice(0).forEach((connection) => connection.close());
    lines.length = 0;
  });

  function connect(url = server.url, clock = PATIENT): RedisConnection {
    const log = (line: string): number => lines.push(line);
    const connection = redisConnection({
      library: ioredis,
      addresses: readAddresses(url) ?? [],
      prefix: 'test:',
      clock,
      logger: { debug: log, info: log, warn: log, error: log },
    });
    opened.push(connection);
    return connection;
  }

  /** Asks until the server answers. */
  async function answered(connection: RedisConnection): Promise<unknown> {
    for (;;) {
      try {
        return await connection.run(ECHO, ['k'], ['a']);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  it('runs a script, also after the server has forgotten it', async () => {
    const connection = connect();
    const first = await connection.run(ECHO, ['k'], ['a']);
    const client = new ioredis.Redis(server.url);
    await client.script('FLUSH');
    client.disconnect();
    expect({ first, second: await connection.run(ECHO, ['k'], ['b']) }).toEqual({
      first: ['k', 'a', 7, null],
      second: ['k', 'b', 7, null],
    });
  });

  it('puts the keys of a tag into one slot of a cluster', () => {
    expect(connect().key('limits', 'a', 'b')).toBe('test:{limits}:a:b');
  });

  it('goes on after a restart of the server, with one line in the log at each end', async () => {
    const connection = connect();
    await connection.run(ECHO, ['k'], ['a']);
    await server.stop();
    await expect(connection.run(ECHO, ['k'], ['a'])).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await expect(connection.run(ECHO, ['k'], ['a'])).rejects.toThrow(`127.0.0.1:${server.port}`);
    await server.start();
    await answered(connection);
    expect(lines).toEqual([
      expect.stringMatching(/ is away: .*\. It is connected to again as soon as possible\.$/),
      expect.stringMatching(/ answers again, after \d+ s\.$/),
    ]);
  });

  it('does not wait for a server that has stopped, and goes on when that does', async () => {
    const connection = connect(server.url, systemClock);
    await answered(connection);
    server.signal('SIGSTOP');
    await expect(connection.run(ECHO, ['k'], ['a'])).rejects.toThrow('no answer within 50 ms');
    await expect(connection.run(ECHO, ['k'], ['a'])).rejects.toThrow('no answer within 50 ms');
    server.signal('SIGCONT');
    await answered(connection);
    expect(lines.at(-1)).toMatch(/ answers again/);
  });

  it('says when no server is there, and does not say the password', async () => {
    const connection = connect('redis://ada:sesame-open@127.0.0.1:1');
    await expect(connection.check()).rejects.toThrow(
      /^Cannot reach the Redis at 127\.0\.0\.1:1: .*ECONNREFUSED.*Is the server running\? Check plugins\.redis\.url\.$/,
    );
  });

  it('says when the password is wrong, and does not say it', async () => {
    const connection = connect(`redis://ada:sesame-open@127.0.0.1:${server.port}`);
    const error: unknown = await connection.check().catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/Cannot log in to the Redis at .*WRONGPASS.* Check the user and the password/);
    expect(String(error)).not.toContain('sesame');
  });
});
