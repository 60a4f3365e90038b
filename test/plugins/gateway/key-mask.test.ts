import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { concat, from, lastValueFrom, of, throwError, toArray } from 'rxjs';
import { createPipeline } from 'scriptorium';
import type { GenerationEvent } from 'scriptorium/plugin';
import { gateway } from 'scriptorium/plugins/gateway';
import { openrouter } from 'scriptorium/plugins/openrouter';
import { aRequest } from 'scriptorium/testing';
import { keyMask } from '../../../plugins/gateway/key-mask.js';
import { anEnd } from '../../support/an-end.js';
import { RUNS } from '../../support/runs.js';

const KEY = 'sk-or-v1-canary-0123456789abcdef';
const redact = (text: string): string => text.replaceAll(KEY, '[secret]');
const mask = keyMask(redact);

const through = (events: readonly GenerationEvent[]): Promise<GenerationEvent[]> =>
  lastValueFrom(mask.intercept(aRequest(), () => from(events)).pipe(toArray()));

const textOf = (events: readonly GenerationEvent[]): string =>
  events.map((event) => (event.type === 'text-delta' ? event.delta : '')).join('');

/** A text cut into deltas of these lengths. */
function cut(text: string, lengths: readonly number[]): GenerationEvent[] {
  const deltas: GenerationEvent[] = [];
  let at = 0;
  for (const length of [...lengths, text.length]) {
    if (at < text.length) deltas.push({ type: 'text-delta', delta: text.slice(at, at + length) });
    at += length;
  }
  return deltas;
}

describe('the mask of keys', () => {
  it('masks a key in a text, however the text is cut, and nothing else', async () => {
    const words = fc.array(
      fc.constantFrom('The sea', ' ', 'rose\n', KEY, 'over', '書', 'x'.repeat(40), KEY.slice(0, 9)),
    );
    await fc.assert(
      fc.asyncProperty(words, fc.array(fc.integer({ min: 1, max: 30 })), async (pieces, lengths) => {
        const text = pieces.join('');
        const shown = await through([...cut(text, lengths), anEnd()]);
        expect(textOf(shown)).toBe(redact(text));
        expect(shown.at(-1)).toEqual(anEnd());
        expect(shown.every((event) => event.type !== 'text-delta' || event.delta !== '')).toBe(true);
      }),
      RUNS,
    );
  });

  it('masks a key whose first characters a text has that is continued, and nothing else', async () => {
    for (let at = 1; at < KEY.length; at += 1) {
      const [begun, rest] = [`The key is ${KEY.slice(0, at)}`, `${KEY.slice(at)} and the sea.`];
      const continued = (text: string): Promise<GenerationEvent[]> =>
        lastValueFrom(
          mask
            .intercept(aRequest({ continueFrom: begun }), () => from([...cut(text, [2, 3]), anEnd()]))
            .pipe(toArray()),
        );
      expect({
        key: textOf(await continued(rest)),
        other: textOf(await continued(`${KEY.slice(at)}x.`)),
        none: textOf(await continued(' and the sea.')),
      }).toEqual({ key: '[secret] and the sea.', other: '[secret]x.', none: ' and the sea.' });
    }
  });

  it('masks keys in thoughts, tool calls and sources', async () => {
    const shown = await through([
      { type: 'reasoning-delta', attempt: 1, delta: `I see ${KEY.slice(0, 12)}` },
      { type: 'reasoning-delta', attempt: 1, delta: `${KEY.slice(12)} here.` },
      { type: 'tool-call', index: 0, id: 'a', name: 'send', arguments: JSON.stringify({ key: KEY }) },
      { type: 'annotation', annotation: { url: `https://a.example/?k=${KEY}` } },
      anEnd(),
    ]);
    expect(JSON.stringify(shown)).not.toContain(KEY);
    expect(shown.filter(({ type }) => type !== 'reasoning-delta')).toEqual([
      { type: 'tool-call', index: 0, id: 'a', name: 'send', arguments: '{"key":"[secret]"}' },
      { type: 'annotation', annotation: { url: 'https://a.example/?k=[secret]' } },
      anEnd(),
    ]);
  });

  it('gives the last word before a failure', async () => {
    const failing = mask.intercept(aRequest(), () =>
      concat(
        of({ type: 'text-delta', delta: 'The sea rose' } as const),
        throwError(() => new Error('broken')),
      ),
    );
    const seen: string[] = [];
    await expect(failing.forEach((event) => void seen.push(textOf([event])))).rejects.toThrow('broken');
    expect(seen.join('')).toBe('The sea rose');
  });

  it('takes back what has waited at a restart', async () => {
    const restart: GenerationEvent = { type: 'restart', reason: 'interrupted' };
    const shown = await through([
      { type: 'text-delta', delta: 'The old' },
      restart,
      { type: 'text-delta', delta: 'The new' },
      anEnd(),
    ]);
    expect(textOf(shown.slice(shown.indexOf(restart)))).toBe('The new');
  });
});

describe('a pipeline with the plugin gateway', () => {
  /** A vendor whose model repeats the key of the request, in pieces. */
  const vendor = createServer((request, response) => {
    const { authorization = '' } = request.headers;
    const chunk = (delta: object, finish: string | null = null) =>
      `data: ${JSON.stringify({ id: 'gen-1', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const piece of `You sent ${authorization}, I think.`.match(/.{1,7}/g) ?? [])
      response.write(chunk({ content: piece }));
    response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
  });
  beforeAll(() => new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise((resolve) => vendor.close(resolve)));

  it('shows nobody the key that the vendor repeats', async () => {
    const { port } = vendor.address() as AddressInfo;
    const pipeline = await createPipeline({
      environment: {},
      plugins: [openrouter({ apiKey: KEY, baseUrl: `http://127.0.0.1:${port}` }), gateway()],
      config: { logging: { level: 'silent' } },
    });
    const { text } = await pipeline.generate({ prompt: 'Write.', model: 'a/b' });
    await pipeline.dispose();
    expect(text).toBe('You sent Bearer [secret], I think.');
  });
});
