import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pipeline } from 'scriptorium';
import type { Plugin, Transport, TransportWrap } from 'scriptorium/plugin';
import { startEmulator } from 'scriptorium/testing';
import type { Emulator } from 'scriptorium/testing';
import { eventually } from '../support/eventually.js';
import { failureOf, pipelineTo } from '../support/pipelines.js';
import { chunked, goodStream } from '../support/wire.js';
import { aPlugin } from '../plugins/a-plugin.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function aPipeline(
  plugins: readonly Plugin[],
  transport?: string,
): Promise<{ pipeline: Pipeline; emulator: Emulator }> {
  const emulator = await startEmulator({ words: 5 });
  closing.push(() => emulator.close());
  const pipeline = await pipelineTo(emulator.url, transport === undefined ? {} : { transport }, { plugins });
  closing.push(() => pipeline.dispose());
  return { pipeline, emulator };
}

/** Notes when it is used and closed. */
function noting(name: string, notes: string[], hands: 'on' | 'nothing' = 'on'): TransportWrap {
  return (inner) => ({
    open: (request, signal, monitor) => {
      notes.push(`${name} opens`);
      return inner.open(
        { ...request, headers: { ...request.headers, 'x-wraps': `${request.headers['x-wraps'] ?? ''}${name}` } },
        signal,
        monitor,
      );
    },
    ...(hands === 'on' && {
      close: () => {
        notes.push(`${name} closes`);
        inner.close?.();
      },
    }),
  });
}

describe('wrapTransport', () => {
  it('puts the wrap of a later plugin further out, and each sees the changes of the outer one', async () => {
    const notes: string[] = [];
    const wrapping = (name: string) => aPlugin(name, (host) => host.wrapTransport(noting(name, notes)));
    const { pipeline, emulator } = await aPipeline([wrapping('a'), wrapping('b')]);
    await pipeline.generate({ prompt: 'Begin.' });
    expect(notes).toEqual(['b opens', 'a opens']);
    expect(emulator.requests[0]!.headers['x-wraps']).toBe('ba');
  });

  it('closes every layer once, the outermost first', async () => {
    const notes: string[] = [];
    const { pipeline } = await aPipeline([
      aPlugin('ab', (host) => {
        host.wrapTransport(noting('a', notes));
        host.wrapTransport(noting('b', notes));
      }),
    ]);
    await pipeline.dispose();
    expect(notes).toEqual(['b closes', 'a closes']);
  });

  it('leaves no socket open though a wrap does not forward close', async () => {
    const notes: string[] = [];
    const { pipeline, emulator } = await aPipeline([
      aPlugin('ab', (host) => {
        host.wrapTransport(noting('a', notes));
        host.wrapTransport(noting('b', notes, 'nothing'));
      }),
    ]);
    await pipeline.generate({ prompt: 'Begin.' });
    expect(emulator.openSockets()).toBe(1);
    await pipeline.dispose();
    expect(notes).toEqual(['b opens', 'a opens', 'a closes']);
    await eventually(() => emulator.openSockets() === 0);
  });
});

describe('a transport by name', () => {
  const answering = (text: string): Transport => ({
    open: (_request, _signal, monitor) => {
      monitor.onConnect();
      const [, body = ''] = chunked(goodStream(text)).split('\r\n\r\n');
      return Promise.resolve({
        status: 200,
        headers: new Headers({ 'content-type': 'text/event-stream' }),
        body: oneChunk(body.slice(body.indexOf('\n') + 1)),
      });
    },
  });
  const offering = aPlugin('offering', (host) => {
    host.addTransport('paper', () => answering('On paper.'));
    host.addTransport('costly', () => {
      throw new Error('was made though nobody chose it');
    });
  });

  it('is the configured one, and the others are not created', async () => {
    const { pipeline, emulator } = await aPipeline([offering], 'paper');
    expect((await pipeline.generate({ prompt: 'Begin.' })).text).toBe('On paper.');
    expect(emulator.requests).toHaveLength(0);
  });

  it('is node-fetch by default', async () => {
    const { pipeline, emulator } = await aPipeline([offering]);
    await pipeline.generate({ prompt: 'Begin.' });
    expect(emulator.requests).toHaveLength(1);
  });

  it('is wrapped like any other', async () => {
    const notes: string[] = [];
    const { pipeline } = await aPipeline(
      [offering, aPlugin('wrap', (host) => host.wrapTransport(noting('wrap', notes)))],
      'paper',
    );
    await pipeline.generate({ prompt: 'Begin.' });
    expect(notes).toEqual(['wrap opens']);
  });

  it('that is unknown is rejected, with a list of the known ones', async () => {
    expect(
      await failureOf(pipelineTo('http://127.0.0.1:1', { transport: 'papper' }, { plugins: [offering] })),
    ).toMatchObject({
      code: 'configuration',
      message: 'No transport "papper"; known: node-fetch, paper, costly.',
    });
  });

  it('that cannot be created fails the pipeline with a configuration error', async () => {
    expect(
      await failureOf(pipelineTo('http://127.0.0.1:1', { transport: 'costly' }, { plugins: [offering] })),
    ).toMatchObject({ code: 'configuration' });
  });
});

// eslint-disable-next-line @typescript-eslint/require-await -- a body is asynchronous, even when it is at hand
async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text.slice(0, text.lastIndexOf('\n\n') + 2));
}
