import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { lastValueFrom } from 'rxjs';
import { createPipeline } from 'scriptorium';
import { systemClock } from 'scriptorium/plugin';
import { ledger } from 'scriptorium/plugins/ledger';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { audit, runBatch } from 'scriptorium/plugins/runs';
import { ManualClock, startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';
import { openStore } from '../../../plugins/ledger/open-store.js';
import { memoryJournal } from '../../../plugins/runs/testing/index.js';
import { describeWith } from '../../support/services/needs.js';
import { startPostgres } from '../../support/services/postgres.js';
import type { PostgresServer } from '../../support/services/postgres.js';

describeWith(['postgresql'], 'the ledger of a run on PostgreSQL', () => {
  let server: PostgresServer;
  let emulator: Emulator;
  let url: string;

  beforeAll(async () => {
    server = await startPostgres(['-c fsync=off']);
    url = server.createDatabase('books');
    emulator = await startEmulator({ words: 30 });
  });
  afterAll(async () => {
    await emulator.close();
    server.remove();
  });

  const open = () =>
    createPipeline({
      environment: {},
      plugins: [openrouter({ apiKey: 'k', baseUrl: emulator.url }), ledger({ file: url })],
      config: {
        defaults: { model: 'scriptorium/exact' },
        retry: { baseMs: 1, capMs: 2 },
        logging: { level: 'silent' },
      },
    });

  it('must be prepared before a pipeline starts, and agrees with the journal until somebody changes it', async () => {
    await expect(open()).rejects.toThrow('Prepare it with: scriptorium stats --migrate');
    const store = await openStore(url, { keepDays: 0, clock: new ManualClock() });
    await store.migrate?.();
    await store.close();

    const pipeline = await open();
    emulator.script({ status: 503 }, { truncate: { afterDeltas: 12 } });
    const journal = memoryJournal({ clock: systemClock });
    const items = ['one', 'two'].map((id) => ({ id, input: { prompt: `Write text ${id}.` } }));
    await lastValueFrom(runBatch(pipeline, items, { journal, name: 'ada', concurrency: 1 }));
    await pipeline.dispose();
    expect(await audit(journal, { run: 'ada', ledger: url })).toEqual([]);

    const client = new pg.Client(url);
    await client.connect();
    await client.query('UPDATE scriptorium_ledger.attempts SET output_tokens = output_tokens + 1 WHERE attempt = 1');
    await client.end();
    const findings = await audit(journal, { run: 'ada', ledger: url });
    expect(findings.map(({ field }) => field.replace(/^attempt .*: /, ''))).toEqual(['outputTokens', 'outputTokens']);
  });
});
