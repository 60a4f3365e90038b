import { getEventListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { createPipeline } from 'scriptorium';
import type { Plugin, PluginHost, Transport, WireRequest } from 'scriptorium/plugin';
import { cassette } from 'scriptorium/plugins/cassette';
import { aChatStream, FakeTransport, startEmulator } from 'scriptorium/testing';
import { systemClock } from '../../../src/core/clock.js';
import { SILENT_MONITOR } from '../../../src/core/monitor.js';
import { eventually } from '../../support/eventually.js';
import { pipelineTo } from '../../support/pipelines.js';
import { still } from '../a-plugin.js';
import { aFile, bytesIn, cassetteIn, courseOf, recording } from './cassettes.js';

/** What the plugin adds to a host, with this configuration. */
async function addedBy(config: object): Promise<{
  readonly added: readonly string[];
  readonly around: (inner: Transport) => Transport;
  readonly dispose: () => Promise<void>;
}> {
  const added: string[] = [];
  const wraps: ((inner: Transport) => Transport)[] = [];
  const closing: (() => unknown)[] = [];
  const note = (what: string) => (): void => void added.push(what);
  const [nothing, log] = [(): void => undefined, { error: note('an error'), warn: note('a warning') }];
  const host: PluginHost<unknown> = {
    purpose: 'pipeline',
    sourceOf: () => undefined,
    config,
    clock: systemClock,
    redact: (text) => text,
    logger: { debug: nothing, info: nothing, ...log },
    addProvider: note('a provider'),
    addInterceptor: note('an interceptor'),
    addStatSink: note('a sink'),
    addTransport: note('a transport'),
    addCommand: note('a command'),
    addEndpoint: note('an endpoint'),
    replace: note('a replacement'),
    replacement: () => () => undefined,
    part: () => () => {
      throw new Error('There is no pipeline around the plugin.');
    },
    wrapTransport: (wrap) => {
      added.push('a wrap');
      wraps.push(wrap);
    },
    onDispose: (run) => {
      added.push('a disposal');
      closing.push(run);
    },
  };
  await cassette().setup(host);
  return {
    added,
    around: (inner) => wraps.reduce((within, wrap) => wrap(within), inner),
    dispose: async () => {
      for (const close of closing) await close();
    },
  };
}

const REQUEST: WireRequest = { method: 'POST', url: 'http://127.0.0.1:1/x', headers: {}, body: '{}' };

/** A transport whose answers are these very objects. */
function giving(chunks: readonly Uint8Array[], failure?: Error): Transport & { readonly returned: unknown[] } {
  const returned: unknown[] = [];
  const body: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => {
      let at = 0;
      return {
        next: () => {
          const value = chunks[at];
          at += 1;
          if (value !== undefined) return Promise.resolve({ done: false, value });
          return failure === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(failure);
        },
        return: (value?: unknown) => {
          returned.push(value);
          return Promise.resolve({ done: true, value });
        },
      };
    },
  };
  return { returned, open: () => Promise.resolve({ status: 200, headers: new Headers({ 'x-odd': 'kept' }), body }) };
}

describe('without a mode', () => {
  it('nothing is added to the pipeline', async () => {
    expect((await addedBy({ mode: 'off', file: aFile(), pace: 'instant' })).added).toEqual([]);
  });

  it('nothing is written, and nothing of a cassette is needed', async () => {
    const [file, emulator] = [aFile(), await startEmulator({ words: 5 })];
    const pipeline = await pipelineTo(emulator.url, {}, { plugins: [cassette({ file })] });
    await pipeline.generate({ prompt: 'Begin.' });
    await pipeline.dispose();
    await emulator.close();
    expect(existsSync(file)).toBe(false);
    expect(emulator.requests).toHaveLength(1);
  });
});

describe('the mode', () => {
  it('is set by SCRIPTORIUM_CASSETTE unless the options of the factory set it', async () => {
    const fixed: readonly Plugin[] = [still, cassette({ mode: 'off', file: aFile() })];
    await (await createPipeline({ plugins: fixed, environment: { SCRIPTORIUM_CASSETTE: 'replay' } })).dispose();
    const plugins: readonly Plugin[] = [still, cassette({ file: aFile() })];
    await expect(createPipeline({ plugins, environment: { SCRIPTORIUM_CASSETTE: 'replay' } })).rejects.toThrow(
      'cannot be read',
    );
    await (await createPipeline({ plugins, environment: { SCRIPTORIUM_CASSETTE: '' } })).dispose();
    await expect(createPipeline({ plugins, environment: { SCRIPTORIUM_CASSETTE: 'rewind' } })).rejects.toThrow(
      'plugins.cassette.mode (from SCRIPTORIUM_CASSETTE) is "rewind", but must be one of "off", "record", "replay".',
    );
  });
});

describe('while it is recorded', () => {
  it('a pipeline sees the same events as without', async () => {
    const file = aFile();
    const emulator = await startEmulator({
      words: 30,
      fault: (_, index) => (index % 2 === 0 ? { status: 503 } : undefined),
    });
    const plain = await pipelineTo(emulator.url);
    const without = await courseOf(plain);
    await plain.dispose();
    const during = await recording({ url: emulator.url, file }, (pipeline) => courseOf(pipeline)).finally(() =>
      emulator.close(),
    );
    const ofOneRun = /gen-\d+-\w+|"created":\d+/g;
    expect(JSON.stringify(during).replaceAll(ofOneRun, 'its own')).toBe(
      JSON.stringify(without).replaceAll(ofOneRun, 'its own'),
    );
  });

  it('the very chunks, errors and headers of the transport are handed on', async () => {
    const chunks = [Buffer.from('one'), Buffer.from('two')];
    const failure = new Error('broken');
    const { around, dispose } = await addedBy({ mode: 'record', file: aFile(), pace: 'instant' });
    const response = await around(giving(chunks, failure)).open(REQUEST, new AbortController().signal, SILENT_MONITOR);
    expect(response.headers.get('x-odd')).toBe('kept');
    const iterator = response.body[Symbol.asyncIterator]();
    for (const chunk of chunks) expect((await iterator.next()).value).toBe(chunk);
    await expect(iterator.next()).rejects.toBe(failure);
    const refusing: Transport = { open: () => Promise.reject(failure) };
    await expect(around(refusing).open(REQUEST, new AbortController().signal, SILENT_MONITOR)).rejects.toBe(failure);
    await dispose();
  });

  it("a reader who stops ends the transport's own iterator", async () => {
    const file = aFile();
    const { around, dispose } = await addedBy({ mode: 'record', file, pace: 'instant' });
    const inner = giving([Buffer.from('one'), Buffer.from('two')]);
    const { body } = await around(inner).open(REQUEST, new AbortController().signal, SILENT_MONITOR);
    for await (const chunk of body) if (chunk.length > 0) break;
    expect(inner.returned).toHaveLength(1);
    await dispose();
    expect(cassetteIn(file).exchanges[0]).toMatchObject({
      response: { chunks: [{ text: 'one' }] },
      end: { type: 'aborted' },
    });
  });

  it('a chunk that its reader changes later is recorded as it came', async () => {
    const file = aFile();
    const { around, dispose } = await addedBy({ mode: 'record', file, pace: 'instant' });
    const { body } = await around(giving([Buffer.from('one')])).open(
      REQUEST,
      new AbortController().signal,
      SILENT_MONITOR,
    );
    for await (const chunk of body) chunk.fill(0);
    await dispose();
    expect(cassetteIn(file).exchanges[0]!.response!.chunks).toMatchObject([{ text: 'one' }]);
  });

  it('a call that is aborted closes its socket at once, and is no part of the cassette if it never was sent', async () => {
    const [file, emulator] = [aFile(), await startEmulator({ words: 500, tokensPerSecond: 100 })];
    await recording({ url: emulator.url, file }, async (pipeline) => {
      const controller = new AbortController();
      const course = courseOf(pipeline, { prompt: 'Begin.', signal: controller.signal });
      await eventually(() => emulator.openSockets() === 1 && emulator.requests[0]?.text !== '');
      controller.abort();
      expect((await course).error).toMatchObject({ code: 'aborted' });
      await eventually(() => emulator.openSockets() === 0);
      expect((await courseOf(pipeline, { prompt: 'Begin.', signal: AbortSignal.abort() })).error).toMatchObject({
        code: 'aborted',
      });
    }).finally(() => emulator.close());
    expect(cassetteIn(file).exchanges.map(({ end }) => end.type)).toEqual(['aborted']);
  });

  it('leaves no listener on the signal of an exchange that has ended', async () => {
    const { around, dispose } = await addedBy({ mode: 'record', file: aFile(), pace: 'instant' });
    const { signal } = new AbortController();
    const { body } = await around(giving([Buffer.from('one')])).open(REQUEST, signal, SILENT_MONITOR);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for await (const chunk of body) expect(chunk).toHaveLength(3);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await dispose();
  });

  it('a transport in memory is recorded like any other', async () => {
    const file = aFile();
    const { around, dispose } = await addedBy({ mode: 'record', file, pace: 'instant' });
    const fake = new FakeTransport(aChatStream('Once.'));
    const { body } = await around(fake).open(REQUEST, new AbortController().signal, SILENT_MONITOR);
    const bytes: Uint8Array[] = [];
    for await (const chunk of body) bytes.push(chunk);
    await dispose();
    expect(bytesIn(file)).toEqual(Buffer.concat(bytes));
  });
});
