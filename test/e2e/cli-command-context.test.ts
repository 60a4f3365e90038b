import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Emulator } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { aFolder, anEmulator, cleanUp, run, start, to } from './run-cli.js';
import type { Running } from './run-cli.js';

let slow: Emulator;
beforeAll(async () => {
  slow = await anEmulator({ tokensPerSecond: 100, words: 2_000 });
});
afterAll(cleanUp);

/** A plugin whose commands write a text: `tell` lets an abort through, `keep` handles it itself, `deaf` ignores it. */
const plugin = `
import { appendFileSync } from 'node:fs';
const command = (name, run) => ({ name, description: name, run });
const tell = async ([prompt], { openPipeline, signal, stdout }) => {
  const pipeline = await openPipeline();
  for await (const event of pipeline.iterate({ prompt, signal }))
    if (event.type === 'text-delta') stdout.write(event.delta);
  return 0;
};
const keep = (args, context) => tell(args, context).catch((error) => {
  context.stderr.write('kept: ' + error.code + ' ' + context.signal.aborted);
  return 5;
});
const deaf = async (args, { stdout }) => {
  stdout.write('deaf');
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  return 0;
};
export default {
  name: 'teller', id: 'teller', apiVersion: 1, dependsOn: ['openrouter'], options: {}, config: {},
  setup: (host) => {
    host.addCommand(command('tell', tell));
    host.addCommand(command('keep', keep));
    host.addCommand(command('deaf', deaf));
    host.onDispose(() => appendFileSync(new URL('disposed.txt', import.meta.url), host.purpose + '\\n'));
  },
};
`;

const begun = <T extends Running>(begin: (...given: Parameters<typeof start>) => T, name: string) => {
  const folder = aFolder({ 'teller.mjs': plugin, 'scriptorium.config.json': { load: ['./teller.mjs'] } });
  const running = begin([name, 'A long text.'], { env: to(slow), folder });
  return { ...running, disposed: () => readFileSync(join(folder, 'disposed.txt'), 'utf8') };
};

describe("a plugin's command", () => {
  it.each([
    ['SIGINT', 130, start],
    ['SIGTERM', 143, run],
  ] as const)('that %s stops ends with %i when its pipeline is disposed', async (signal, code, begin) => {
    const { ended, disposed, ...running } = begun<Running>(begin, 'tell');
    await running.shows(/\w+ \w+/);
    running.kill(signal);
    expect(await ended).toMatchObject({ code, signal: null, stderr: '' });
    const request = slow.requests.at(-1)!;
    await eventually(() => request.closedAt !== undefined);
    expect({ outcome: request.outcome, disposed: disposed() }).toEqual({
      outcome: 'cancelled',
      disposed: 'pipeline\ncommands\n',
    });
  });

  it('that handles its signal gives its own exit code', async () => {
    const { ended, ...running } = begun(run, 'keep');
    await running.shows(/\w+ \w+/);
    running.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 5, signal: null, stderr: 'kept: aborted true' });
  });

  it('that ignores its signal is ended by a second one', async () => {
    const { child, ended, ...running } = begun(start, 'deaf');
    await running.shows('deaf');
    child.kill('SIGTERM');
    child.kill('SIGTERM');
    const second = setInterval(() => child.kill('SIGTERM'), 50);
    expect(await ended.finally(() => clearInterval(second))).toMatchObject({ code: null, signal: 'SIGTERM' });
  });
});
