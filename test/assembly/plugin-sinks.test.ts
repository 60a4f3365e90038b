import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { jsonl } from 'scriptorium/plugins/jsonl';
import { ledger } from 'scriptorium/plugins/ledger';
import { opentelemetry } from 'scriptorium/plugins/opentelemetry';
import { prometheus } from 'scriptorium/plugins/prometheus';
import { describeSink, sinkOf } from 'scriptorium/testing';

const folder = mkdtempSync(join(tmpdir(), 'scriptorium-sinks-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const aFile = (): string => join(folder, `${(files += 1)}`);

describeSink('jsonl', (clock) => sinkOf(jsonl({ file: aFile() }), { clock }));
describeSink('ledger', (clock) => sinkOf(ledger({ file: aFile() }), { clock }));
describeSink('prometheus', (clock) => sinkOf(prometheus({ listen: false }), { clock }));
describeSink('opentelemetry', (clock) => sinkOf(opentelemetry({ providers: 'global' }), { clock }));
