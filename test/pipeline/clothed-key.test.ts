import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createPipeline, tokens } from 'scriptorium';
import type { GenerationEvent } from 'scriptorium';
import type { Logger } from 'scriptorium/plugin';
import { jsonl } from 'scriptorium/plugins/jsonl';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { prometheus } from 'scriptorium/plugins/prometheus';
import { FakeTransport, MemorySink } from 'scriptorium/testing';
import type { FakeAnswer } from 'scriptorium/testing';
import { aPlugin } from '../plugins/a-plugin.js';
import { CLOTHINGS, holdsKey } from '../support/clothed-secrets.js';
import { data, delta, DONE } from '../support/wire.js';

/** With characters that every clothing changes. */
const KEY = 'sk-or-v1-ca"na\\ry/7d1f+Zq&x';

const folder = mkdtempSync(join(tmpdir(), 'scriptorium-clothed-'));
afterAll(() => rmSync(folder, { recursive: true }));

const sse = { 'content-type': 'text/event-stream' };
const refusal = (status: number, json: unknown): FakeAnswer => ({ status, body: [JSON.stringify(json)] });

/** The places in which a vendor may repeat a key. */
const PLACES: Readonly<Record<string, (key: string) => FakeAnswer>> = {
  'the message of an error': (key) => refusal(400, { error: { message: `No user for ${key}.` } }),
  'the cause of an error': (key) =>
    refusal(403, { error: { message: 'Provider returned error', metadata: { raw: `a ${key}`, provider_name: key } } }),
  'a refusal that is not JSON': (key) => ({ status: 401, body: [`Bad key ${key}`] }),
  'a page in place of an answer': (key) => ({
    body: [`<html>${key}</html>`],
    headers: { 'content-type': 'text/html' },
  }),
  'a redirect': (key) => ({ status: 302, headers: { location: `https://evil.example/${encodeURI(key)}` } }),
  'an error in the text': (key) => ({ headers: sse, body: [delta('Once '), data({ error: { message: key } })] }),
  'headers, ids, names and further fields': (key) => ({
    headers: { ...sse, 'x-generation-id': key.replaceAll(/[^\x20-\x7e]/g, '') },
    body: [
      data({ id: key, model: key, provider: key, choices: [{ index: 0, delta: { content: 'Once.' } }] }),
      data({
        id: key,
        [`field ${key}`]: { nested: [{ [key]: key }] },
        choices: [{ index: 0, delta: {}, finish_reason: 'stop', native_finish_reason: key }],
        usage: { prompt_tokens: key, completion_tokens: 1, cost: -1, note: key },
      }),
      DONE,
    ],
  }),
};

function recordingLogger(lines: unknown[]): Logger {
  const record = (...line: readonly unknown[]): void => void lines.push(line);
  return { debug: record, info: record, warn: record, error: record };
}

async function outletsOf(answer: FakeAnswer, file: string): Promise<Readonly<Record<string, unknown>>> {
  const [sink, log, metrics] = [new MemorySink(), [] as unknown[], prometheus({ listen: false })];
  const transport = new FakeTransport(answer);
  const pipeline = await createPipeline({
    environment: {},
    plugins: [
      openrouter({ apiKey: KEY, baseUrl: 'http://127.0.0.1:9/api/v1' }),
      aPlugin('memory', (host) => host.addStatSink(sink)),
      metrics,
      jsonl({ file }),
    ],
    config: { defaults: { model: 'a/model' }, retry: { baseMs: 1, maxAttempts: 2 }, continuity: { onBreak: 'fail' } },
    register: (container) => {
      container.register(tokens.TRANSPORT, { useValue: transport });
      container.register(tokens.LOGGER, { useValue: recordingLogger(log) });
    },
  });
  const events: GenerationEvent[] = [];
  const error: unknown = await new Promise((resolve) => {
    pipeline.stream({ prompt: 'Begin.' }).subscribe({
      next: (event) => events.push(event),
      error: resolve,
      complete: () => resolve(undefined),
    });
  });
  const lookUp: unknown = await pipeline.key().catch((failure: unknown) => failure);
  const text = await metrics.metrics();
  const stats = pipeline.stats();
  await pipeline.dispose();
  return { error, lookUp, events, log, stats, sink: sink.stats, text, file: readFileSync(file, 'utf8') };
}

/** Everything that a value may be printed as, with all causes. */
function printed(value: unknown, depth = 0): string {
  const ways = [String(value), JSON.stringify(value), inspect(value, { showHidden: true, depth: 12 })];
  if (value instanceof Error && depth < 10) ways.push(value.stack ?? '', printed(value.cause, depth + 1));
  return ways.join('\n');
}

describe.each(Object.entries(PLACES))('a key that a vendor repeats in %s', (place, answer) => {
  it.each(Object.entries(CLOTHINGS))('is nowhere to be seen if it is %s', async (name, clothe) => {
    const file = join(folder, `${place} ${name}.jsonl`.replaceAll(/\W/g, '-'));
    const outlets = await outletsOf(answer(clothe(KEY)), file);
    for (const [outlet, value] of Object.entries(outlets))
      expect({ outlet, isLeaking: holdsKey(printed(value), KEY) }).toEqual({ outlet, isLeaking: false });
  });
});
