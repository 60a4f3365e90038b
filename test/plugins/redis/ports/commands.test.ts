import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { pluginCommands } from '../../../../src/assembly/plugin-commands.js';
import { gateway } from 'scriptorium/plugins/gateway';
import { redis } from 'scriptorium/plugins/redis';
import { describeWith } from '../../../support/services/needs.js';
import { startRedis } from '../../../support/services/redis.js';
import type { RedisServer } from '../../../support/services/redis.js';

describeWith(['redis-server'], 'commands on a Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.remove());

  /** Each run has plugins of its own, as a process has. */
  async function run(...args: readonly string[]) {
    const plugins = [gateway(), redis({ url: server.url })];
    const { commands, dispose } = await pluginCommands({ environment: {}, plugins });
    const stdout = new PassThrough();
    const code = await commands
      .find(({ name }) => name === 'gateway')
      ?.run(args, { stdout, stderr: new PassThrough() });
    await dispose();
    return { code, stdout: String(stdout.read()) };
  }

  it('keep the keys of gateways there, for all machines', async () => {
    expect(await run('key', 'add', 'ada')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sk-scr-/) });
    expect(await run('key', 'list')).toMatchObject({ code: 0, stdout: expect.stringContaining('ada') });
  });
});
