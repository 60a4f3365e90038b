import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readBatchFile } from '../../../../plugins/runs/batch-file/read-batch-file.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'batch-file-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const messages = [{ role: 'user', content: 'Write.' }];
const URL_PATH = '/v1/chat/completions';

function aLine(custom_id: unknown, further: object = {}): string {
  return JSON.stringify({ custom_id, method: 'POST', url: URL_PATH, body: { messages }, ...further });
}

function read(content: string | Uint8Array, check: () => void = () => undefined) {
  const path = join(folder, 'in.jsonl');
  writeFileSync(path, content);
  return readBatchFile(path, { provider: 'openrouter', check });
}

const problemsOf = async (content: string | Uint8Array) => (await read(content)).problems;

describe('a batch file', () => {
  const two = `${aLine('one')}\n${aLine('zwei ü 😀', { after: ['one'], body: { messages, seed: 7, custom: 1 } })}`;
  const items = [
    { id: 'one', after: [], input: { messages } },
    { id: 'zwei ü 😀', after: ['one'], input: { messages, seed: 7, providerOptions: { openrouter: { custom: 1 } } } },
  ];

  it.each([
    ['without a last line end', two],
    ['with line feeds and empty lines', `\n${two.replace('\n', '\n\n')}\n\n`],
    ['with carriage returns', `${two.replace('\n', '\r\n')}\r\n`],
    ['with a byte order mark', `\uFEFF${two}\n`],
    ['that is packed', gzipSync(two)],
    ['in two packed parts', Buffer.concat([gzipSync(two.slice(0, 40)), gzipSync(two.slice(40))])],
  ])('is read %s', async (_, content) => {
    expect(await read(content)).toEqual({ items, problems: [], problemCount: 0 });
  });

  it('is read whole where lines are longer than a piece of the file', async () => {
    const long = 'ü'.repeat(100_000);
    const lines = [1, 2, 3].map((id) => aLine(`${id}`, { body: { messages: [{ role: 'user', content: long }] } }));
    const { items } = await read(lines.join('\n'));
    expect(items.map(({ id, input }) => [id, input.messages?.[0]?.content === long])).toEqual([
      ['1', true],
      ['2', true],
      ['3', true],
    ]);
  });

  it.each([
    ['{', /^line 1: it is not valid JSON: /],
    ['[1]', 'line 1: it is not a JSON object.'],
    [aLine(undefined), 'line 1: custom_id is missing; it must be a text of 1 to 100 printable characters.'],
    [aLine('a\nb'), 'line 1: custom_id is "a\\nb"; it must be a text of 1 to 100 printable characters.'],
    [aLine('1', { method: 'GET' }), 'line 1: method is "GET"; it must be "POST".'],
    [
      aLine('1', { url: '/v1/embeddings' }),
      'line 1: url is "/v1/embeddings"; it must be "/v1/chat/completions"; other endpoints are not supported.',
    ],
    [aLine('1', { body: [] }), 'line 1: body is []; it must be an object: the body of a chat completion.'],
    [aLine('1', { body: { messages: [] } }), 'line 1: messages must be a list with at least one message.'],
    [aLine('1', { body: { messages, n: 2 } }), 'line 1: n must be 1: one request has one answer.'],
    [
      aLine('1', { body: { messages, stream: true } }),
      'line 1: body.stream is true; it must be false or left out: the output holds whole answers.',
    ],
    [aLine('1', { after: '2' }), 'line 1: after is "2"; it must be a list of custom ids.'],
    [aLine('1', { after: ['outline'] }), 'line 1: after names "outline", but no line has it.'],
    [`${aLine('1')}\n\n${aLine('1')}`, 'line 3: custom_id "1" is that of line 1, too.'],
  ])('names the line and the reason: %s', async (content, problem) => {
    expect(await problemsOf(content)).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)]);
  });

  it('names every line of a circle', async () => {
    const content = [aLine('a', { after: ['b'] }), aLine('b', { after: ['a'] }), aLine('c')].join('\n');
    expect(await problemsOf(content)).toEqual([
      'line 1: after makes "a" wait for itself, or for a line that does.',
      'line 2: after makes "b" wait for itself, or for a line that does.',
    ]);
  });

  it('names a line that is not UTF-8', async () => {
    const content = Buffer.concat([Buffer.from(`${aLine('1')}\n`), Buffer.from([0xff, 0xfe, 0x0a])]);
    expect(await problemsOf(content)).toEqual(['line 2: it is not valid UTF-8.']);
  });

  it('names the first 20 bad lines and counts them all', async () => {
    const { problems, problemCount } = await read('{\n'.repeat(30));
    expect({ named: problems.length, last: problems.at(-1)?.slice(0, 8), problemCount }).toEqual({
      named: 20,
      last: 'line 20:',
      problemCount: 30,
    });
  });

  it('names the lines that the pipeline refuses', async () => {
    const { problems } = await read(`${aLine('1')}\n${aLine('2')}`, () => {
      throw new Error('temperature is 9.');
    });
    expect(problems).toEqual(['line 1: temperature is 9.', 'line 2: temperature is 9.']);
  });

  it('has no items if it is empty', async () => {
    expect(await read('\n')).toEqual({ items: [], problems: [], problemCount: 0 });
  });

  it('rejects a packed file that is cut', async () => {
    await expect(read(gzipSync(two).subarray(0, 30))).rejects.toThrow('unexpected end of file');
  });

  it('rejects a file that is not there', async () => {
    const parts = { provider: 'openrouter', check: () => undefined };
    await expect(readBatchFile(join(folder, 'missing'), parts)).rejects.toThrow('ENOENT');
  });
});
