import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createPipeline, pluginCommands } from 'scriptorium';
import type { Pipeline } from 'scriptorium';
import { ledger } from 'scriptorium/plugins/ledger';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';
import { loadLibsql } from '../../../plugins/ledger/libsql.js';
import { openToWrite } from '../../../plugins/ledger/open.js';
import { aLedgerFile, reportOf } from './ledgers.js';

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator({ words: 5 });
});
afterEach(() => emulator.close());

const aPipeline = (file: string): Promise<Pipeline> =>
  createPipeline({
    environment: {},
    plugins: [openrouter({ apiKey: 'k', baseUrl: emulator.url }), ledger({ file, everyMs: 60_000 })],
    config: { logging: { level: 'silent' }, rateLimit: { minIntervalMs: 0 } },
  });

describe('a ledger that somebody else has locked', () => {
  it('is written to as soon as the lock is free, though the pipeline ends meanwhile', async () => {
    const file = aLedgerFile();
    const other = openToWrite(await loadLibsql(), file);
    const pipeline = await aPipeline(file);
    for (let call = 0; call < 3; call += 1) await pipeline.generate({ prompt: 'Begin.' });
    other.exec('BEGIN IMMEDIATE');
    setTimeout(() => other.exec('COMMIT'), 300);
    await pipeline.dispose();
    expect(pipeline.sinks().find(({ name }) => name === 'ledger')).toMatchObject({
      recorded: 6,
      queued: 0,
      dropped: 0,
    });
    expect((await reportOf(file)).totals).toMatchObject({ requests: 3, attempts: 3 });
    other.close();
  });

  it('keeps no pipeline from being made, and no command of the plugin from being run', async () => {
    const file = aLedgerFile();
    const other = openToWrite(await loadLibsql(), file);
    other.exec('BEGIN IMMEDIATE');
    const [pipeline, commands] = [
      await aPipeline(file),
      await pluginCommands({ environment: {}, plugins: [ledger({ file })] }),
    ];
    expect(commands.commands.map(({ name }) => name)).toEqual(['stats']);
    other.exec('COMMIT');
    other.close();
    await Promise.all([pipeline.dispose(), commands.dispose()]);
  });
});
