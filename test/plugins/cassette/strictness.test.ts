import { existsSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ConfigError } from 'scriptorium';
import type { GenerationInput, Pipeline } from 'scriptorium';
import type { Plugin } from 'scriptorium/plugin';
import { startEmulator } from 'scriptorium/testing';
import { failureOf } from '../../support/pipelines.js';
import { scriptServer } from '../../support/script-server.js';
import { answers } from '../../support/wire.js';
import { aPlugin } from '../a-plugin.js';
import { aFile, bytesIn, NOWHERE, recording, replaying } from './cassettes.js';

const SECRET_PLAN = 'My secret plan is to write a book about the sea.';

async function aRecording(...inputs: readonly GenerationInput[]): Promise<string> {
  const [file, emulator] = [aFile(), await startEmulator({ words: 5 })];
  await recording({ url: emulator.url, file }, async (pipeline) => {
    for (const input of inputs) await pipeline.generate(input);
  }).finally(() => emulator.close());
  return file;
}

/** Notes every request that would have gone to the network. */
function watching(opened: unknown[]): Plugin {
  return aPlugin('watching', (host) =>
    host.wrapTransport((inner) => ({
      open: (...asked) => {
        opened.push(asked);
        return inner.open(...asked);
      },
    })),
  );
}

describe('a request that was not recorded', () => {
  it('fails before anything is sent, and says what differs from the nearest recording and what to do', async () => {
    const file = await aRecording(
      { prompt: SECRET_PLAN, temperature: 0.5 },
      { prompt: 'Another one.', temperature: 0.5, system: 'Write.' },
    );
    const error = await failureOf(
      replaying(file, (pipeline) => pipeline.generate({ prompt: `${SECRET_PLAN} Or of the land.`, temperature: 0.9 })),
    );
    expect(error).toMatchObject({
      code: 'configuration',
      retryable: false,
      neverSent: true,
      attempts: [{ sent: false }],
    });
    expect(error.message).toBe(
      `The cassette ${file} has no recording of POST http://127.0.0.1:1/api/v1/chat/completions: the nearest one, number 1 of 2, differs in ` +
        'messages[0].content (recorded: 48 characters, 9edd3d6d; sent: 64 characters, d15c0ed5), temperature (recorded: 0.5; sent: 0.9). ' +
        'Nothing was sent. Record it again with SCRIPTORIUM_CASSETTE=record.',
    );
  });

  it('is asked for once: it is neither retried nor sent along another route', async () => {
    const file = await aRecording({ prompt: 'One' });
    const error = await failureOf(
      replaying(file, (pipeline) =>
        pipeline.generate({ prompt: 'Two', overrides: { routes: [{ model: 'another/model' }] } }),
      ),
    );
    expect(error.attempts).toHaveLength(1);
  });

  it.each<[string, GenerationInput, string]>([
    [
      'another model, by its name',
      { prompt: 'Go.', model: 'another/model' },
      'differs in model (recorded: a/model; sent: another/model).',
    ],
    ['another number', { prompt: 'Go.', maxTokens: 7 }, 'differs in max_tokens (recorded: 8192; sent: 7).'],
    ['something more', { prompt: 'Go.', seed: 1 }, 'differs in seed (recorded: none; sent: 1).'],
    [
      'a list',
      { prompt: 'Go.', stop: ['Stop right there', 'x'] },
      'differs in stop (recorded: none; sent: a list of 2).',
    ],
    [
      'something inside of something',
      { prompt: 'Go.', providerOptions: { openrouter: { provider: { order: ['a'], sort: 'price' } } } },
      'differs in provider (recorded: none; sent: an object with 2 fields).',
    ],
    [
      'more messages',
      {
        messages: [
          { role: 'user', content: 'Go.' },
          { role: 'assistant', content: 'Yes.' },
        ],
      },
      'differs in messages[1] (recorded: none; sent: an object with 2 fields).',
    ],
  ])('that has %s says so', async (_, input, difference) => {
    const file = await aRecording({ prompt: 'Go.' });
    expect((await failureOf(replaying(file, (pipeline) => pipeline.generate(input)))).message).toContain(difference);
  });

  it('that differs in much shows five of it', async () => {
    const file = await aRecording({ prompt: 'Go.' });
    const error = await failureOf(
      replaying(file, (pipeline) =>
        pipeline.generate({ prompt: 'x', model: 'm/m', maxTokens: 1, temperature: 0, topP: 0.1, topK: 5, seed: 1 }),
      ),
    );
    expect(error.message).toMatch(/\(recorded: [^()]*\) and 2 more\. Nothing was sent\./);
  });

  it('that is no generation is missed too', async () => {
    const file = await aRecording({ prompt: 'Go.' });
    const error = await failureOf(replaying(file, (pipeline) => pipeline.models()));
    expect(error.message).toContain(
      'no recording of GET http://127.0.0.1:1/api/v1/models: the nearest one, number 1 of 1, differs in method (recorded: POST; sent: GET), path (recorded: /api/v1/chat/completions; sent: /api/v1/models), body',
    );
  });

  it('never reaches a transport further in, recorded or not', async () => {
    const file = await aRecording({ prompt: 'Go.' });
    const opened: unknown[] = [];
    const emulator = await startEmulator({ words: 5 });
    const config = { plugins: { openrouter: { baseUrl: emulator.url } } };
    await replaying(
      file,
      async (pipeline) => {
        await pipeline.generate({ prompt: 'Go.' });
        await failureOf(pipeline.generate({ prompt: 'Stay.' }));
      },
      { config, plugins: [watching(opened)] },
    ).finally(() => emulator.close());
    expect({ opened, requests: emulator.requests }).toEqual({ opened: [], requests: [] });
  });
});

describe('a request that was recorded', () => {
  it('is a miss when it comes more often than it was', async () => {
    const file = await aRecording({ prompt: 'Go.' }, { prompt: 'Go.' });
    const error = await failureOf(
      replaying(file, async (pipeline) => {
        await pipeline.generate({ prompt: 'Go.' });
        await pipeline.generate({ prompt: 'Go.' });
        return pipeline.generate({ prompt: 'Go.' });
      }),
    );
    expect(error.message).toContain(
      ': this request was recorded 2 times and has been played 2 times; now it came once more. Nothing was sent.',
    );
  });

  it('is known whatever the order of its keys', async () => {
    const options = (keys: object) => (pipeline: Pipeline) =>
      pipeline.generate({ prompt: 'Go.', providerOptions: { openrouter: { provider: keys } } });
    const server = await scriptServer(answers('Once.'));
    const file = aFile();
    await recording({ url: server.url, file }, options({ sort: 'price', order: ['a', 'b'] })).finally(() =>
      server.close(),
    );
    expect((await replaying(file, options({ order: ['a', 'b'], sort: 'price' }))).text).toBe('Once.');
    expect((await failureOf(replaying(file, options({ order: ['b', 'a'], sort: 'price' })))).message).toContain(
      'provider.order[0]',
    );
  });

  it('is known where the key that is made up for a test is a word of its prompt', async () => {
    const file = await aRecording({ prompt: 'This is only a test-key.' });
    const config = { plugins: { openrouter: { apiKey: 'test-key' } } };
    expect(
      (await replaying(file, (pipeline) => pipeline.generate({ prompt: 'This is only a test-key.' }), { config })).text,
    ).not.toBe('');
  });
});

describe('a cassette that cannot be played', () => {
  it('is refused when the pipeline is made, and the remedy is named', async () => {
    const file = aFile();
    const error = await failureOf(replaying(file, () => Promise.resolve()));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain(
      `Plugin "cassette" failed to set up: The cassette ${file} cannot be read: Error: ENOENT`,
    );
    expect(error.message).toMatch(/Record it again with SCRIPTORIUM_CASSETTE=record\.$/);
  });

  it.each([
    ['no JSON', '{', 'holds no cassette that this version can read'],
    ['of a later version', '{"cassette": 2, "exchanges": []}', 'holds no cassette that this version can read'],
    ['without exchanges', '{"cassette": 1}', 'holds no cassette that this version can read'],
    [
      'with half an exchange',
      '{"cassette": 1, "exchanges": [{"request": {"method": "GET", "path": "/"}}]}',
      'Recording 1 of the cassette',
    ],
    [
      'with an unknown failure',
      '{"cassette": 1, "exchanges": [{"request": {"method": "GET", "path": "/"}, "end": {"atMs": 1, "type": "error", "error": {"code": "odd", "message": "m", "retryable": true}}}]}',
      'Recording 1 of the cassette',
    ],
    [
      'with chunks that are none',
      '{"cassette": 1, "exchanges": [{"request": {"method": "GET", "path": "/"}, "response": {"atMs": 1, "status": 200, "headers": {}, "chunks": [{"atMs": 1}]}, "end": {"atMs": 1, "type": "end"}}]}',
      'Recording 1 of the cassette',
    ],
  ])('%s is refused', async (_, text, reason) => {
    const file = aFile();
    writeFileSync(file, text);
    expect((await failureOf(replaying(file, () => Promise.resolve()))).message).toContain(reason);
  });

  it('because it is empty says so at the first request', async () => {
    const file = aFile();
    writeFileSync(file, '{"cassette": 1, "exchanges": []}');
    expect((await failureOf(replaying(file, (pipeline) => pipeline.generate({ prompt: 'Go.' })))).message).toContain(
      'chat/completions: it is empty. Nothing was sent.',
    );
  });

  it('is named with the way to record it under another id', async () => {
    expect(
      (await failureOf(replaying(aFile(), () => Promise.resolve(), { options: { id: 'tape', mode: 'replay' } })))
        .message,
    ).toContain('Record it again with plugins.tape.mode "record".');
  });
});

describe('a cassette that cannot be written', () => {
  it('is refused before anything is sent where its folder cannot be', async () => {
    const file = aFile();
    writeFileSync(file, '');
    expect(
      (await failureOf(recording({ url: NOWHERE, file: `${file}/below/it.json` }, () => Promise.resolve()))).message,
    ).toContain('Plugin "cassette" failed to set up: ');
    expect(existsSync(`${file}/below`)).toBe(false);
  });

  it('leaves the generation as it is, and fails when the pipeline is closed', async () => {
    const [file, emulator] = [aFile(), await startEmulator({ words: 5 })];
    const texts: string[] = [];
    // A folder in its place: the file cannot be put there.
    const ended = recording({ url: emulator.url, file: file.replace('cassette.json', '') }, async (pipeline) =>
      texts.push((await pipeline.generate({ prompt: 'Go.' })).text),
    );
    await expect(ended).rejects.toMatchObject({
      errors: [
        expect.objectContaining({ message: expect.stringMatching(/^The cassette .* was not written: /) as unknown }),
      ],
    });
    await emulator.close();
    expect(texts).toHaveLength(1);
    expect(() => bytesIn(file)).toThrow('ENOENT');
  });
});
